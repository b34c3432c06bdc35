import fc from "fast-check";
import { expect, test } from "vitest";

import { decodeValue } from "../../plan/decode-value.ts";
import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import type { Clock } from "../ports/clock.ts";
import type { ModelRequest } from "../ports/model.ts";
import { seededUnit } from "../ports/seeded-random.ts";
import { mockProvider } from "./mock-provider.ts";
import { readMockScript } from "./mock-script.ts";
import { mockValue } from "./mock-value.ts";
import { textMatching } from "./pattern-text.ts";

const clock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => {} };
const { signal } = new AbortController();

function request(more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    target: { name: "fast", provider: "mock", model: "m" },
    agent: "greet",
    system: null,
    messages: [{ role: "user", text: "Greet Ada." }],
    tools: [],
    output: null,
    maxOutputTokens: null,
    run: "r1",
    path: "hello.greeting",
    ...more,
  };
}

const record = (properties: { readonly [name: string]: JsonSchema }): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const schemas: JsonSchema[] = [
  { type: "string", minLength: 30, maxLength: 50 },
  { type: "string", maxLength: 3 },
  { type: "string", pattern: "^[a-z0-9-]+$" },
  { type: "string", pattern: "^(ORD|INV)-\\d{4}[A-F]?$" },
  { type: "string", format: "uri" },
  { type: "string", format: "email" },
  { type: "string", format: "date" },
  { type: "string", format: "date-time" },
  { type: "integer", minimum: 3, maximum: 4 },
  { type: "number", minimum: 0, maximum: 1 },
  { type: "number", minimum: 0.001, maximum: 0.002 },
  { type: "boolean" },
  { enum: ["a", "b"] },
  { anyOf: [{ type: "string" }, { type: "null" }] },
  { type: "array", items: { type: "string" }, minItems: 5, maxItems: 6 },
  { type: "array", items: { enum: ["a"] }, minItems: 2, maxItems: 2 },
  {
    anyOf: [
      record({ kind: { const: "edit" }, text: { type: "string" } }),
      record({ kind: { const: "reject" } }),
    ],
  },
];

test("property: a mock value fits its schema, with every constraint, and is repeatable", () => {
  fc.assert(
    fc.property(fc.constantFrom(...schemas), fc.string(), fc.string(), (schema, seed, prompt) => {
      const make = (): Json =>
        mockValue(record({ value: schema }), { unit: seededUnit(seed), prompt });
      const value = make();
      expect(decodeValue({ root: record({ value: schema }) }, "root", value)).toMatchObject({
        ok: true,
      });
      expect(make()).toEqual(value);
    }),
  );
});

test("literals and addresses of the prompt are taken up", () => {
  const schema = record({
    who: { enum: ["researcher", "engineer", "editor"] },
    source: { type: "string", format: "uri" },
  });
  const prompt = 'Team: ["engineer"], notes: ["https://a.example/x"]';
  expect(mockValue(schema, { unit: seededUnit("1"), prompt })).toEqual({
    who: "engineer",
    source: "https://a.example/x",
  });
});

test("ids in a list differ, and a list that refers to items names earlier ones only", () => {
  const item = record({
    id: { type: "string", pattern: "^[ab]$" },
    needs: {
      type: "array",
      items: { type: "string" },
      maxItems: 4,
      description: "Ids of the items this one builds on.",
    },
  });
  for (let seed = 0; seed < 20; seed += 1) {
    const schema: JsonSchema = { type: "array", items: item, minItems: 2, maxItems: 2 };
    const list = mockValue(schema, { unit: seededUnit(String(seed)), prompt: "" }) as {
      id: string;
      needs: string[];
    }[];
    expect(new Set(list.map((entry) => entry.id)).size).toBe(2);
    list.forEach((entry, index) => {
      for (const need of entry.needs)
        expect(list.slice(0, index).map((other) => other.id)).toContain(need);
    });
  }
});

test("patterns that can't be read are given up, not guessed", () => {
  const unit = seededUnit("x");
  expect(textMatching("^(?=a)b$", unit)).toBeUndefined();
  expect(textMatching("^(?:ab|cd){2}$", unit)).toMatch(/^(?:ab|cd){2}$/);
});

test("text answers are about the prompt and depend on seed, path and prompt, not on the run", async () => {
  const ask = async (seed: string, more: Partial<ModelRequest> = {}): Promise<unknown> => {
    const reply = await mockProvider({ clock, seed }).ask(request(more), signal);
    return reply.ok ? reply.text : reply.code;
  };
  const first = await ask("1");
  expect(first).toContain("Ada");
  expect(await ask("1", { run: "r2" })).toBe(first);
  const others = await Promise.all(["2", "3", "4", "5"].map((seed) => ask(seed)));
  expect(new Set(others).size).toBeGreaterThan(1);
});

test("with tools it calls each at most once, twice in all, then answers", async () => {
  const tool = (name: string): ModelRequest["tools"][number] => ({
    name,
    description: "",
    input: record({ id: { type: "string" } }),
  });
  const provider = mockProvider({ clock, seed: "1" });
  let messages: ModelRequest["messages"] = [{ role: "user", text: "Go" }];
  const called: string[] = [];
  for (;;) {
    const reply = await provider.ask(
      request({ messages, tools: [tool("a"), tool("b"), tool("c")] }),
      signal,
    );
    if (!reply.ok || reply.calls.length === 0) break;
    for (const call of reply.calls) {
      called.push(call.name);
      messages = [
        ...messages,
        { role: "assistant", text: "", calls: [call] },
        { role: "tool", callId: call.id, name: call.name, text: "{}" },
      ];
    }
  }
  expect(called.length).toBe(2);
  expect(new Set(called).size).toBe(2);
});

test("a script answers by exact path, static path or agent, with sequences, failures and tool calls", async () => {
  const read = readMockScript(
    JSON.stringify({
      greet: [
        { fail: "rate_limited", retryAfter: 2 },
        { call: "look", with: { id: 1 } },
        { answer: "for all others" },
      ],
      "f.items[].x": { mood: "good" },
      "f.items[b].x": ["a", "list"],
    }),
  );
  if (!("script" in read)) throw new Error(read.problem);
  const provider = mockProvider({ clock, seed: "1", script: read.script });
  const ask = (more: Partial<ModelRequest> = {}) => provider.ask(request(more), signal);
  expect(await ask()).toMatchObject({ code: "rate_limited", retryAfterMs: 2_000 });
  expect(await ask()).toMatchObject({ calls: [{ name: "look", arguments: { id: 1 } }] });
  expect(await ask()).toMatchObject({ text: "for all others" });
  expect(await ask()).toMatchObject({ text: "for all others" });
  const output = record({});
  expect(await ask({ path: "f.items[a].x", output })).toMatchObject({ value: { mood: "good" } });
  expect(await ask({ path: "f.items[b].x@2", output })).toMatchObject({ value: ["a", "list"] });
  expect(readMockScript("[")).toMatchObject({ problem: expect.stringContaining("not JSON") });
  expect(readMockScript("1")).toMatchObject({ problem: expect.stringContaining("object") });
});

test("an answer that takes its time can be stopped", async () => {
  const abort = new AbortController();
  const reply = mockProvider({ clock, seed: "1", latencyMs: { from: 5, to: 5 } }).ask(
    request(),
    abort.signal,
  );
  abort.abort();
  expect(await reply).toMatchObject({ ok: false, code: "cancelled" });
});
