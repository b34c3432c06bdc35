import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import type { HttpCall } from "../ports/tool.ts";
import { httpTool } from "./http-tool.ts";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Handler = (request: Seen, response: ServerResponse) => void;

let handler: Handler = (_, response) => response.end();
let seen: Seen[] = [];
const servers: Server[] = [];
let here = "";
let elsewhere = "";

async function serve(): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const entry = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      seen.push(entry);
      handler(entry, response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  here = await serve();
  elsewhere = await serve();
});
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});
beforeEach(() => {
  seen = [];
});

function call(more: Partial<HttpCall> = {}): HttpCall {
  return {
    method: "GET",
    url: `${here}/x`,
    headers: {},
    body: { kind: "none" },
    errorsByStatus: {},
    ignoreBody: false,
    expectsText: false,
    secrets: [],
    ...more,
  };
}

const tool = httpTool({ now: () => Date.parse("2026-11-20T08:00:00Z"), maxResponseBytes: 1_000 });
const go = (more: Partial<HttpCall> = {}, signal = new AbortController().signal) =>
  tool.call(call(more), signal);

test("a JSON body goes out with its headers and the JSON answer comes back", async () => {
  handler = (_, response) => {
    response.setHeader("content-type", "application/json; charset=utf-8");
    response.end('{"id":"t1","extra":[1]}');
  };
  const outcome = await go({
    method: "POST",
    headers: { Authorization: "Bearer k", "Idempotency-Key": "run/step" },
    body: { kind: "json", value: { title: "é" } },
  });
  expect(outcome).toEqual({ ok: true, value: { id: "t1", extra: [1] } });
  expect(seen[0]).toMatchObject({
    method: "POST",
    body: '{"title":"é"}',
    headers: {
      authorization: "Bearer k",
      "idempotency-key": "run/step",
      "content-type": "application/json",
    },
  });
});

test("an empty answer is null, text is text, and broken JSON is invalid_output", async () => {
  handler = (_, response) => response.writeHead(204).end();
  expect(await go()).toEqual({ ok: true, value: null });
  handler = (_, response) => response.setHeader("content-type", "text/plain").end("hello");
  expect(await go()).toEqual({ ok: true, value: "hello" });
  handler = (_, response) => response.setHeader("content-type", "application/json").end("{");
  expect(await go()).toMatchObject({ ok: false, code: "invalid_output" });
});

test("each status has its code, the tool's own map first", async () => {
  const codes: [number, string][] = [
    [400, "invalid_input"],
    [401, "unauthorized"],
    [402, "card_declined"],
    [403, "unauthorized"],
    [404, "not_found"],
    [408, "timeout"],
    [409, "conflict"],
    [422, "invalid_input"],
    [429, "rate_limited"],
    [500, "unavailable"],
    [503, "unavailable"],
  ];
  for (const [status, code] of codes) {
    handler = (_, response) => response.writeHead(status).end('{"error":{"message":"no"}}');
    expect(await go({ errorsByStatus: { "402": "card_declined" } })).toEqual({
      ok: false,
      code,
      message: `GET ${here}/x answered ${status}: no`,
    });
  }
});

test("retry-after is read in seconds, milliseconds and as a date, without an upper limit", async () => {
  const cases: [Record<string, string>, number | undefined][] = [
    [{ "retry-after": "120" }, 120_000],
    [{ "retry-after": "3600", "retry-after-ms": "250" }, 250],
    [{ "retry-after": "Fri, 20 Nov 2026 08:05:00 GMT" }, 300_000],
    [{ "retry-after": "soon" }, undefined],
  ];
  for (const [headers, expected] of cases) {
    handler = (_, response) => response.writeHead(429, headers).end();
    expect(await go()).toMatchObject({
      code: "rate_limited",
      ...(expected === undefined ? {} : { retryAfterMs: expected }),
    });
  }
});

test("no message holds a secret, whatever the other side echoes", async () => {
  const secret = "s3cret/key";
  handler = (request, response) =>
    response.writeHead(400).end(
      JSON.stringify({
        message: `bad ${request.headers.authorization} ${encodeURIComponent(secret)} ${Buffer.from(secret).toString("base64")}`,
      }),
    );
  const outcome = await go({
    headers: { authorization: `Bearer ${secret}` },
    secrets: [secret],
    url: `${here}/x?key=${secret}`,
  });
  expect(outcome).toMatchObject({
    message: `GET ${here}/x answered 400: bad Bearer [secret] [secret] [secret]`,
  });
});

test("a reading request follows redirects, and leaves its credentials behind at another origin", async () => {
  handler = (request, response) => {
    if (request.url === "/x") response.writeHead(302, { location: "/y" }).end();
    else if (request.url === "/y") response.writeHead(307, { location: `${elsewhere}/z` }).end();
    else response.setHeader("content-type", "application/json").end("1");
  };
  expect(await go({ headers: { authorization: "Bearer k", "x-api-key": "k" } })).toEqual({
    ok: true,
    value: 1,
  });
  expect(
    seen.map((entry) => [entry.url, entry.headers.authorization, entry.headers["x-api-key"]]),
  ).toEqual([
    ["/x", "Bearer k", "k"],
    ["/y", "Bearer k", "k"],
    ["/z", undefined, undefined],
  ]);
});

test("an acting request is resent on the same origin only, and is never turned into a GET", async () => {
  const post = { method: "POST", body: { kind: "json", value: 1 } } as const;
  handler = (request, response) =>
    request.url === "/x" ? response.writeHead(308, { location: "/y" }).end() : response.end('"ok"');
  expect(await go(post)).toEqual({ ok: true, value: '"ok"'.slice(1, -1) });
  expect(seen.map((entry) => entry.body)).toEqual(["1", "1"]);
  for (const [status, location] of [
    [302, "/y"],
    [307, `${elsewhere}/y`],
  ] as const) {
    seen = [];
    handler = (_, response) => response.writeHead(status, { location }).end();
    expect(await go(post)).toMatchObject({ ok: false, code: "not_found" });
    expect(seen.length).toBe(1);
  }
});

test("redirect loops and schemes other than http end with a clear error", async () => {
  handler = (_, response) => response.writeHead(302, { location: "/x" }).end();
  expect(await go()).toMatchObject({ message: expect.stringContaining("more than 5 times") });
  expect(seen.length).toBe(6);
  expect(await go({ url: "file:///etc/passwd" })).toMatchObject({
    message: expect.stringContaining("only http and https"),
  });
});

test("an answer that is too large is refused, declared or streamed", async () => {
  handler = (_, response) => response.end("x".repeat(2_000));
  expect(await go()).toMatchObject({
    code: "invalid_output",
    message: expect.stringContaining("more than 1000 bytes"),
  });
  handler = (_, response) => {
    response.write("x".repeat(900));
    response.end("x".repeat(900));
  };
  expect(await go()).toMatchObject({ code: "invalid_output" });
});

test("a server that can't be reached, cuts the connection, or is given up", async () => {
  expect(await go({ url: "http://127.0.0.1:9/x" })).toMatchObject({ code: "unavailable" });
  handler = (_, response) => response.destroy();
  expect(await go()).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("the connection was cut"),
  });
  const abort = new AbortController();
  handler = () => abort.abort();
  expect(await go({}, abort.signal)).toMatchObject({ ok: false, code: "cancelled" });
});

test("what HTTP can't carry is the program's fault, nothing is sent, and no value shows", async () => {
  const bad = await go({
    headers: { authorization: "Bearer s3cret-token\nX: 1" },
    secrets: ["s3cret-token\nX: 1"],
  });
  expect(bad).toMatchObject({ code: "invalid_input" });
  expect(JSON.stringify(bad)).toContain("authorization");
  expect(JSON.stringify(bad)).not.toContain("s3cret");
  const user = await go({ url: here.replace("//", "//me:hunter22@") });
  expect(user).toMatchObject({ code: "invalid_input" });
  expect(JSON.stringify(user)).not.toContain("hunter22");
  const query = await go({ url: "no url?key=hunter22" });
  expect(query).toMatchObject({ code: "invalid_input" });
  expect(JSON.stringify(query)).not.toContain("hunter22");
  expect(seen).toEqual([]);
});

test("a redirect from the public internet does not lead into the inner network", async () => {
  const outside = httpTool({
    now: () => 0,
    fetch: (url) => {
      seen.push({ method: "", url: String(url), headers: {}, body: "" });
      return Promise.resolve(
        new Response(null, {
          status: 302,
          headers: { location: "http://[::ffff:169.254.169.254]/" },
        }),
      );
    },
  });
  const reply = await outside.call(
    call({ url: "http://93.184.215.14/" }),
    new AbortController().signal,
  );
  expect(reply).toMatchObject({
    code: "not_found",
    message: expect.stringContaining("inner network"),
  });
  expect(seen.length).toBe(1);
});

test("a message is one short line without control characters, and a redirect's secret does not show", async () => {
  handler = (_, response) =>
    response.writeHead(400).end(`\u001b[2J\u0007bad\u0085line\r\n${"x".repeat(900)}`);
  const reply = await go();
  const message = reply.ok ? "" : reply.message;
  expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  expect(message.length).toBeLessThan(400);
  handler = (_, response) => response.writeHead(301, { location: "/moved/top-secret-path" }).end();
  const moved = await go({ method: "POST", secrets: ["top-secret-path"] });
  expect(moved).toMatchObject({ message: expect.stringContaining("[secret]") });
});

test("a wait that fits no date is cut, and text comes in its own character set", async () => {
  handler = (_, response) => response.writeHead(429, { "retry-after": "9".repeat(400) }).end();
  expect(await go()).toMatchObject({ retryAfterMs: 10 * 365 * 86_400_000 });
  handler = (_, response) =>
    response
      .writeHead(200, { "content-type": "text/plain; charset=iso-8859-1" })
      .end(Buffer.from("gr\u00fcn", "latin1"));
  expect(await go()).toEqual({ ok: true, value: "grün" });
});
