import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { Json } from "../../plan/expression.ts";

/** What the server tells. */
export interface HealthSource {
  /** Whether this process takes work. */
  ready(): boolean;
  health(): Promise<{ readonly ok: boolean; readonly report: Json }>;
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** An answer that takes longer is none. */
const answerMs = 5_000;

/**
 * Serves `/live`, `/ready`, `/health` and `/metrics`.
 *
 * @throws Error when the port can't be used.
 */
export async function openHealthServer(options: {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly source: HealthSource;
}): Promise<HealthServer> {
  const { host, source } = options;
  const server = createServer({ requestTimeout: answerMs, headersTimeout: answerMs }, (...pair) => {
    void answer(...pair, source);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port: options.port }, resolve);
  });
  // From here on the process is not kept by it, and no fault of a connection ends it.
  server.unref();
  server.on("error", () => undefined);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  source: HealthSource,
): Promise<void> {
  const path = (request.url ?? "").split("?")[0];
  const send = (status: number, type: string, text: string): void => {
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
    response.end(request.method === "HEAD" ? undefined : text);
  };
  const plain = "text/plain; charset=utf-8";
  if (request.method !== "GET" && request.method !== "HEAD")
    return send(405, plain, "only GET and HEAD\n");
  try {
    switch (path) {
      case "/live":
        return send(200, plain, "live\n");
      case "/ready":
        return source.ready() ? send(200, plain, "ready\n") : send(503, plain, "not ready\n");
      case "/health": {
        const { ok, report } = await source.health();
        return send(ok ? 200 : 503, "application/json", `${JSON.stringify(report, null, 2)}\n`);
      }
      case "/metrics": {
        const { type, text } = await source.metrics();
        return send(200, type, text);
      }
      default:
        return send(404, plain, "there is /live, /ready, /health and /metrics\n");
    }
  } catch (error) {
    send(500, plain, `${error instanceof Error ? error.message : String(error)}\n`);
  }
}
