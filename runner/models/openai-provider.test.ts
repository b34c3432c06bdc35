import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { Files } from "../ports/files.ts";
import type { ModelReply, ModelRequest } from "../ports/model.ts";
import { openaiProvider } from "./openai-provider.ts";

const files: Files = {
  read: async (hash) => (hash === "h" ? new TextEncoder().encode("hello file") : undefined),
  write: async () => {
    throw new Error("not used");
  },
};

/** Each request has a signal of its own, as in a run. */
const fresh = (): AbortSignal => new AbortController().signal;
const mood = {
  type: "object",
  properties: {
    mood: { enum: ["good", "bad"] },
    confidence: { type: "number", minimum: 0, maximum: 1, description: "How sure." },
    note: { anyOf: [{ type: "string", maxLength: 20 }, { type: "null" }] },
  },
  required: ["mood", "confidence", "note"],
  additionalProperties: false,
};

function request(baseUrl: string, more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    target: {
      name: "fast",
      provider: "openai",
      model: "gpt-5-mini",
      baseUrl,
      apiKey: "sk-secret-key",
    },
    agent: "classify: v2",
    system: "Be kind.",
    messages: [{ role: "user", text: "hello there" }],
    tools: [],
    output: null,
    maxOutputTokens: 100,
    run: "r",
    path: "f.s",
    ...more,
  };
}

const provider = openaiProvider({ files, now: () => 0, apiKey: undefined });

// ------------------------------------------------------------------ a wire fake that others wrote

const mock = new LLMock({ port: 0 });
beforeAll(async () => {
  await mock.start();
});
afterAll(async () => {
  await mock.stop();
});

test("compatible servers are asked by chat completions: text, schema, tools", async () => {
  mock.onMessage("hello there", { content: "Hi!" });
  mock.onMessage("judge this", { content: '{"mood":"good","confidence":0.9,"note":null}' });
  mock.onMessage("use a tool", { toolCalls: [{ name: "look", arguments: '{"id":"1"}' }] });
  const base = `${mock.url}/v1`;
  expect(await provider.ask(request(base), fresh())).toMatchObject({
    ok: true,
    text: "Hi!",
    calls: [],
  });
  const messages = [{ role: "user", text: "judge this" }] as const;
  const judged = await provider.ask(request(base, { messages, output: mood }), fresh());
  expect(judged).toMatchObject({ ok: true, value: { mood: "good", confidence: 0.9, note: null } });
  const tools = [
    {
      name: "look",
      description: "Looks.",
      input: { type: "object", properties: { id: { type: "string" } } },
    },
  ];
  const called = await provider.ask(
    request(base, { messages: [{ role: "user", text: "use a tool" }], tools }),
    fresh(),
  );
  expect(called).toMatchObject({ ok: true, calls: [{ name: "look", arguments: { id: "1" } }] });
});

// ------------------------------------------------------------------ our own, for what that one lacks

interface Sent {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly [name: string]: Json };
}

let server: Server;
let base = "";
let sent: Sent[] = [];
let status = 200;
let headers: Record<string, string> = {};
let answer: Json | "hang" | "cut" = null;

beforeAll(async () => {
  server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      sent.push({
        url: incoming.url ?? "",
        headers: incoming.headers,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      if (answer === "hang") return;
      if (answer === "cut") return void response.destroy();
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close().closeAllConnections());
beforeEach(() => {
  sent = [];
  status = 200;
  headers = {};
});

/** The address counts as OpenAI's own, although a local server answers. */
const official = openaiProvider({
  files,
  now: () => 0,
  apiKey: "sk-from-environment",
  fetch: (url, init) => fetch(String(url).replace("https://api.openai.com", base), init),
});
const officialRequest = (more: Partial<ModelRequest> = {}): ModelRequest => {
  const { target, ...rest } = request("", more);
  return {
    ...rest,
    target: { name: target.name, provider: "openai", model: target.model, ...more.target },
  };
};

const said = (text: string, more: object = {}): Json => ({
  status: "completed",
  output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text }] }],
  usage: { input_tokens: 11, output_tokens: 7 },
  ...more,
});

test("OpenAI itself is asked by the Responses API, with a strict schema and refinements in words", async () => {
  answer = said('{"mood":"bad","confidence":1,"note":null}');
  const reply = await official.ask(officialRequest({ output: mood }), fresh());
  expect(reply).toEqual({
    ok: true,
    text: '{"mood":"bad","confidence":1,"note":null}',
    value: { mood: "bad", confidence: 1, note: null },
    calls: [],
    usage: { tokensIn: 11, tokensOut: 7 },
  });
  expect(sent[0]?.url).toBe("/v1/responses");
  expect(sent[0]?.headers.authorization).toBe("Bearer sk-from-environment");
  expect(sent[0]?.body).toEqual({
    model: "gpt-5-mini",
    instructions: "Be kind.",
    input: [{ role: "user", content: [{ type: "input_text", text: "hello there" }] }],
    text: {
      format: {
        type: "json_schema",
        name: "classify_v2",
        strict: true,
        schema: {
          type: "object",
          properties: {
            mood: { enum: ["good", "bad"] },
            confidence: { type: "number", description: "How sure. (0 to 1)" },
            note: {
              anyOf: [{ type: "string", description: "at most 20 characters" }, { type: "null" }],
            },
          },
          required: ["mood", "confidence", "note"],
          additionalProperties: false,
        },
      },
    },
    max_output_tokens: 100,
  });
});

test("an answer that is no record is wrapped for the provider and unwrapped again", async () => {
  answer = said('{"answer":["a"]}');
  const output = { type: "array", items: { type: "string" }, maxItems: 3 };
  expect(await official.ask(officialRequest({ output }), fresh())).toMatchObject({ value: ["a"] });
  answer = said("not json");
  const reply = await official.ask(officialRequest({ output }), fresh());
  expect(reply).toMatchObject({ ok: true, text: "not json" });
  expect(reply).not.toHaveProperty("value");
});

test("a tool turn goes back with every output item in its order", async () => {
  const output = [
    { type: "reasoning", id: "rs_1", summary: [] },
    { type: "function_call", call_id: "c1", name: "look", arguments: '{"id":1}' },
    { type: "function_call", call_id: "c2", name: "look", arguments: "{broken" },
  ];
  answer = { status: "completed", output, usage: {} };
  const reply = (await official.ask(officialRequest(), fresh())) as Extract<
    ModelReply,
    { ok: true }
  >;
  expect(reply.calls).toEqual([
    { id: "c1", name: "look", arguments: { id: 1 } },
    { id: "c2", name: "look", arguments: "{broken" },
  ]);
  answer = said("done");
  await official.ask(
    officialRequest({
      messages: [
        {
          role: "user",
          text: "go",
          files: [{ name: "a.txt", mime: "text/plain", size: 1, sha256: "h" }],
        },
        {
          role: "assistant",
          text: "",
          calls: reply.calls,
          ...(reply.opaque === undefined ? {} : { opaque: reply.opaque }),
        },
        { role: "tool", callId: "c1", name: "look", text: "found" },
      ],
    }),
    fresh(),
  );
  expect(sent[1]?.body["input"]).toEqual([
    {
      role: "user",
      content: [
        { type: "input_text", text: "go" },
        { type: "input_text", text: "File a.txt:\nhello file" },
      ],
    },
    ...output,
    { type: "function_call_output", call_id: "c1", output: "found" },
  ]);
});

test("answers that are no answers are failures, even if they parse", async () => {
  const cases: [Json, string][] = [
    [
      said("{}", { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }),
      "truncated",
    ],
    [
      said("{}", { status: "incomplete", incomplete_details: { reason: "content_filter" } }),
      "filtered",
    ],
    [
      {
        status: "completed",
        output: [{ type: "message", content: [{ type: "refusal", refusal: "no" }] }],
      },
      "refused",
    ],
    [
      { status: "failed", error: { code: "server_error", message: "x" }, output: [] },
      "unavailable",
    ],
    [
      { status: "failed", error: { code: "rate_limit_exceeded", message: "x" }, output: [] },
      "rate_limited",
    ],
  ];
  for (const [body, code] of cases) {
    answer = body;
    expect(await official.ask(officialRequest(), fresh()), code).toMatchObject({ ok: false, code });
  }
  const chat: [object, string][] = [
    [{ finish_reason: "length", message: { content: "{}" } }, "truncated"],
    [{ finish_reason: "content_filter", message: { content: "" } }, "filtered"],
    [{ finish_reason: "stop", message: { content: null, refusal: "no" } }, "refused"],
  ];
  for (const [choice, code] of chat) {
    answer = { choices: [choice] } as Json;
    expect(await provider.ask(request(`${base}/v1`), fresh()), code).toMatchObject({
      ok: false,
      code,
    });
  }
});

test("refused requests have codes, one attempt each, the wait asked for, and no key in their message", async () => {
  const cases: [number, Json, string][] = [
    [400, { error: { message: "bad sk-secret-key", code: "invalid_request" } }, "refused"],
    [400, { error: { message: "x", code: "content_filter" } }, "filtered"],
    [401, { error: { message: "x" } }, "unauthorized"],
    [404, { error: { message: "x", code: "model_not_found" } }, "unauthorized"],
    [408, {}, "timeout"],
    [429, { error: { message: "x" } }, "rate_limited"],
    [429, { error: { message: "x", code: "insufficient_quota" } }, "unauthorized"],
    [500, {}, "unavailable"],
    [503, {}, "unavailable"],
  ];
  for (const [code, body, expected] of cases) {
    status = code;
    answer = body;
    headers = { "retry-after": "180" };
    sent = [];
    const reply = await provider.ask(request(`${base}/v1`), fresh());
    expect(reply, String(code)).toMatchObject({ ok: false, code: expected, retryAfterMs: 180_000 });
    expect(JSON.stringify(reply)).not.toContain("sk-secret-key");
    expect(sent.length).toBe(1);
  }
});

test("cut, unreachable and stopped requests", async () => {
  answer = "cut";
  expect(await provider.ask(request(`${base}/v1`), fresh())).toMatchObject({ code: "unavailable" });
  expect(await provider.ask(request("http://127.0.0.1:9/v1"), fresh())).toMatchObject({
    code: "unavailable",
  });
  answer = "hang";
  const abort = new AbortController();
  const reply = provider.ask(request(`${base}/v1`), abort.signal);
  await expect.poll(() => sent.length).toBe(2);
  abort.abort();
  expect(await reply).toMatchObject({ ok: false, code: "cancelled" });
});

test("OpenAI without a key says how to give one", async () => {
  expect(await provider.ask(officialRequest(), fresh())).toMatchObject({
    code: "unauthorized",
    message: "fast has no key: set OPENAI_API_KEY, or apiKey of the model",
  });
});

test("compatible servers with ways of their own are understood", async () => {
  const chat = (message: Json, more: object = {}): Json => ({
    choices: [{ message, finish_reason: "stop" }],
    usage: { prompt_tokens: 3, completion_tokens: 2 },
    ...more,
  });
  const go = (given: Json, more: Partial<ModelRequest> = {}) => {
    answer = given;
    return provider.ask(request(base, more), fresh());
  };
  expect(
    await go(chat({ content: [{ type: "text", text: "in " }, { text: "parts" }] })),
  ).toMatchObject({ ok: true, text: "in parts" });
  expect(
    await go(
      chat({
        content: null,
        tool_calls: [
          { function: { name: "look", arguments: { id: "1" } } },
          { id: "", function: { name: "look", arguments: "" } },
        ],
      }),
    ),
  ).toMatchObject({
    calls: [
      { id: "call_1", arguments: { id: "1" } },
      { id: "call_2", arguments: {} },
    ],
  });
  const thinking = '<think>Well {"mood":1}</think>\n{"mood":"good","confidence":1,"note":null}';
  expect(await go(chat({ content: thinking }), { output: mood })).toMatchObject({
    value: { mood: "good" },
  });
  expect(await go({ error: { message: "no provider\u001b[2J has room" } })).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("no provider [2J has room"),
  });
  for (const empty of [null, {}, { choices: null }, { choices: [{ message: null }] }, "text"]) {
    expect(await go(empty)).toMatchObject({ code: "unavailable" });
  }
  headers = { "content-type": "text/plain" };
  expect(await go(chat({ content: "Hi" }))).toMatchObject({ ok: true, text: "Hi" });
});

test("an answer without usage is charged by its size", async () => {
  answer = { choices: [{ message: { content: "x".repeat(100) } }] };
  const reply = await provider.ask(request(base), fresh());
  expect(reply.usage?.tokensIn).toBeGreaterThan(10);
  expect(reply.usage?.tokensOut).toBeGreaterThanOrEqual(50);
});

test("options never make a request stream, send two limits, or drop the schema", async () => {
  answer = { choices: [{ message: { content: "Hi" } }] };
  const { target } = request(base);
  const options = { stream: true, max_completion_tokens: 5 };
  await provider.ask(request(base, { target: { ...target, options } }), fresh());
  expect(sent[0]?.body).toMatchObject({ max_completion_tokens: 5 });
  expect(Object.keys(sent[0]?.body ?? {})).not.toContain("stream");
  expect(Object.keys(sent[0]?.body ?? {})).not.toContain("max_tokens");
  answer = said("{}");
  const verbose = { ...officialRequest().target, options: { text: { verbosity: "low" } } };
  await official.ask(officialRequest({ output: mood, target: verbose }), fresh());
  expect(sent[1]?.body["text"]).toMatchObject({ verbosity: "low", format: { strict: true } });
});

test("a page of HTML, a key that is no key, and what the key's owner says stay out of messages", async () => {
  status = 502;
  answer = "<!doctype html><html><body>Bad gateway</body></html>";
  const gateway = await provider.ask(request(base), fresh());
  expect(gateway).toMatchObject({ code: "unavailable" });
  expect(JSON.stringify(gateway)).not.toContain("doctype");
  const { target } = request(base);
  sent = [];
  const key = await provider.ask(
    request(base, { target: { ...target, apiKey: "sk-secret\n" } }),
    fresh(),
  );
  expect(key).toMatchObject({ code: "unauthorized" });
  expect(JSON.stringify(key)).not.toContain("sk-secret");
  expect(sent).toEqual([]);
});
