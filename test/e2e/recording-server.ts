import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json, text } from "node:stream/consumers";

import type { Json } from "../../plan/expression.ts";

export interface RecordedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Json;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Json;
  /** Milliseconds before the reply is sent. */
  readonly delayMs?: number;
}

/** Answers a request; `nth` counts the requests for the same method and path, from 1. */
export type Route = (request: RecordedRequest, nth: number) => Reply;

/** A service on 127.0.0.1 that remembers every request it got. */
export class RecordingServer {
  readonly requests: RecordedRequest[] = [];
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Routes by method and the beginning of the path, such as `POST /charges`; the longest one that fits answers. */
  static async start(routes: { readonly [route: string]: Route | Json }): Promise<RecordingServer> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const recording = new RecordingServer(server);
    server.on("request", (request, response) => {
      void recording.#record(request).then((recorded) => {
        const {
          status = 200,
          headers = {},
          body = null,
          delayMs = 0,
        } = recording.#reply(recorded, routes);
        setTimeout(() => {
          response.writeHead(status, { "content-type": "application/json", ...headers });
          response.end(status === 204 ? undefined : JSON.stringify(body));
        }, delayMs);
      });
    });
    return recording;
  }

  /** `POST /charges` for each request, in order. */
  calls(): readonly string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  to(route: string): readonly RecordedRequest[] {
    return this.requests.filter(({ method, path }) => `${method} ${path}`.startsWith(route));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #record(request: IncomingMessage): Promise<RecordedRequest> {
    const isJson = request.headers["content-type"]?.includes("json") === true;
    const body = isJson ? ((await json(request)) as Json) : await text(request);
    const recorded = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body,
    };
    this.requests.push(recorded);
    return recorded;
  }

  #reply(request: RecordedRequest, routes: { readonly [route: string]: Route | Json }): Reply {
    const name = `${request.method} ${request.path}`;
    const [route] = Object.keys(routes)
      .filter((candidate) => name.startsWith(candidate))
      .sort((a, b) => b.length - a.length);
    if (route === undefined) return { status: 404, body: { message: `nothing at ${name}` } };
    const answer = routes[route];
    return typeof answer === "function"
      ? answer(request, this.to(name).length)
      : { body: answer ?? null };
  }
}
