import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { sha256 } from "../../base/sha256.ts";

/** One call of a tool, as the world outside saw it. Times are milliseconds since 1970 by the clock of this process. */
export interface LedgerEntry {
  /** `write`, `hold`, `send` …: the last part of the address. */
  readonly deed: string;
  /** Null where the tool gives none. */
  readonly key: string | null;
  readonly worker: string;
  readonly body: { readonly [name: string]: unknown };
  readonly atMs: number;
  /** When it was answered; null: the caller was gone before. */
  answeredAtMs: number | null;
  /** When the caller had the answer, or did not wait for it any longer. */
  goneAtMs: number | null;
  status: number;
}

export interface LedgerOptions {
  /** A call came that is to be the end of the process that made it. */
  readonly onPoison: (worker: string) => void;
}

const holdMs = 60;
const delugeBytes = 100_000_000;
const maxDelayMs = 120;
const stumbles = 2;

/**
 * The world that the tools act on: writes down every call that arrives, whoever makes it. What it answers follows from the step
 * alone, so that equal runs end equally.
 */
export class Ledger {
  readonly entries: LedgerEntry[] = [];
  url = "";
  private readonly tries = new Map<string, number>();
  private readonly server = createServer((request, response) => {
    void this.answer(request, response).catch(() => response.destroy());
  });
  private readonly options: LedgerOptions;

  constructor(options: LedgerOptions) {
    this.options = options;
  }

  async open(): Promise<void> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("the system gave no port");
    this.url = `http://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const deed = (request.url ?? "/").slice(1);
    const key = request.headers["idempotency-key"];
    const entry: LedgerEntry = {
      deed,
      key: typeof key === "string" ? key : null,
      worker: (request.headers.authorization ?? "").replace(/^Bearer /, ""),
      body: JSON.parse(Buffer.concat(chunks).toString() || "{}") as LedgerEntry["body"],
      atMs: Date.now(),
      answeredAtMs: null,
      goneAtMs: null,
      status: 0,
    };
    this.entries.push(entry);
    response.once("close", () => {
      entry.goneAtMs = Date.now();
    });
    if (deed === "deluge") {
      pourOut(response);
      return;
    }
    if (deed === "poison") {
      this.options.onPoison(entry.worker);
      return;
    }
    const delayMs = deed === "hold" || deed === "narrow" ? holdMs : delayOf(entry);
    await new Promise((resolve) => {
      setTimeout(resolve, delayMs);
    });
    entry.status = this.statusOf(entry);
    entry.answeredAtMs = Date.now();
    response.writeHead(entry.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ value: valueOf(entry) }));
  }

  private statusOf({ deed, key }: LedgerEntry): number {
    if (deed === "refuse") return 409;
    if (deed !== "stumble" || key === null) return 200;
    const tries = (this.tries.get(key) ?? 0) + 1;
    this.tries.set(key, tries);
    return tries <= stumbles ? 503 : 200;
  }
}

/** An answer larger than any value may be, as fast as it is read. */
function pourOut(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"value":"');
  const chunk = "x".repeat(1_000_000);
  let left = delugeBytes;
  const pour = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once("drain", pour);
        return;
      }
    }
    response.end('"}');
  };
  pour();
}

/**
 * Long enough that many a process is harmed while it waits for an answer, above all for one of a call that must not be repeated; the same
 * for the same call.
 */
function delayOf({ deed, key, body }: LedgerEntry): number {
  const times = deed === "send" ? 10 : 1;
  return (
    times * (Number.parseInt(sha256(key ?? JSON.stringify(body)).slice(0, 4), 16) % maxDelayMs)
  );
}

function valueOf({ deed, key, body }: LedgerEntry): string {
  return key === null ? `${deed} ${String(body["what"])}` : `${deed} ${pathOfKey(key)}`;
}

/** A key is the run's id and the step's path. */
export function pathOfKey(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}

export function runOfKey(key: string): string {
  return key.slice(0, key.indexOf(":"));
}
