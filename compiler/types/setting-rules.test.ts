import { expect, test } from "vitest";

import { faultsOf, mended, shown } from "./fixtures/check-text.ts";

const people = 'model team { use: "human/slack", channel: "#team" }';
const fast = 'model fast { use: "openai/gpt-5-mini" }';

test("limits that would let nothing happen are refused", () => {
  expect(shown('model m { use: "openai/x", timeout: 0s }')).toEqual(["AF3001 0s"]);
  expect(shown('model m { use: "openai/x", rate: 0/min }')).toEqual(["AF3001 0/min"]);
  expect(shown('model m { use: "openai/x", circuit: { failures: 0, window: -1s } }')).toEqual([
    "AF3001 0",
    "AF3001 -1s",
  ]);
  expect(shown('model m { use: "openai/x", price: { input: -$1, output: $3 } }')).toEqual([
    "AF3001 -$1",
  ]);
  expect(
    shown(`flow main(texts: string[..5]) {
      budget: { cost: -$1, tokens: -5, time: 0s }
      step all = for text in texts { sleep(1s) tolerate: 150% }
      step again = repeat { sleep(1s) maxRounds: 3 until: true pause: -5s }
      on event("a") { batch: { size: 0, within: 0s } }
    }`),
  ).toEqual([
    "AF3001 -$1",
    "AF3001 -5",
    "AF3001 0s",
    "AF3001 150%",
    "AF3001 -5s",
    "AF3001 0",
    "AF3001 0s",
  ]);
  expect(shown("flow main() { budget: { cost: $0 } step wait = sleep(0s) }")).toEqual([]);
});

test("a backoff grows", () => {
  const text = 'model m { use: "openai/x", backoff: 16s..1s }';
  expect(shown(text)).toEqual(["AF3001 16s..1s"]);
  expect(mended(text)).toBe('model m { use: "openai/x", backoff: 1s..16s }');
  expect(shown('model m { use: "openai/x", backoff: 0s..1s }')).toEqual([]);
});

test("a tool has the settings of the way it is reached", () => {
  const tool = (settings: string): string =>
    `config { key: secret }\ntool put(text: string) -> string { ${settings} }`;
  const module = 'module: "./put.ts#put"';
  const mcp = 'mcp: { server: "https://a.example", tool: "put" }';
  const http = 'http: "POST https://a.example/put"';
  expect(shown(tool(`${http}, secrets: { key: config.key }`))).toEqual(["AF2003 secrets"]);
  expect(shown(tool(`${module}, headers: { a: text }, query: { a: text }, body: text`))).toEqual([
    "AF2003 headers",
    "AF2003 query",
    "AF2003 body",
  ]);
  expect(shown(tool(`${module}, auth: { bearer: config.key }`))).toEqual(["AF2003 auth"]);
  expect(shown(tool(`${mcp}, auth: { bearer: config.key }`))).toEqual(["AF2003 auth"]);
  expect(shown(tool('http: "GET https://a.example/put", body: text'))).toEqual(["AF2003 body"]);
  expect(shown(tool('http: "DELETE https://a.example/put", body: text'))).toEqual([]);
});

test("who drops repeats is told the key: in a header that has a name, or without one", () => {
  const tool = (settings: string): string => `tool put(text: string) { ${settings} }`;
  expect(shown(tool('http: "POST https://a.example", idempotency: true'))).toEqual(["AF3005 true"]);
  expect(shown(tool('http: "POST https://a.example", idempotency: "Idempotency-Key"'))).toEqual([]);
  expect(shown(tool('http: "PUT https://a.example", idempotency: false'))).toEqual([]);
  const module = tool('module: "./put.ts#put", idempotency: "Idempotency-Key"');
  expect(shown(module)).toEqual(['AF3005 "Idempotency-Key"']);
  expect(mended(module)).toBe(tool('module: "./put.ts#put", idempotency: true'));
});

test("only people are asked in a channel, and only where people are", () => {
  expect(shown('model m { use: "openai/x", channel: "#team", remind: 5m }')).toEqual([
    "AF2003 channel",
    "AF2003 remind",
  ]);
  expect(shown(people)).toEqual([]);
  const misspelt = 'model team { use: "human/slak", channel: "#team" }';
  expect(shown(misspelt)).toEqual(['AF3003 "human/slak"']);
  expect(mended(misspelt)).toBe('model team { use: "human/slack", channel: "#team" }');
});

test("a setting that does nothing without another one wants it", () => {
  expect(
    shown(`${fast}
agent ask(text: string) -> string { model: fast, prompt: text, backoff: 1s..4s }
flow main(text: string) -> string {
  state count: int = 0 { per: text, idle: 5m, next: 1 }
  state other: int = 0 { per: text, onIdle: 0, next: 1 }
  on event("a") { debounce: 1s, batch: { size: 3, within: 5s } }
  step answer = ask(text) { retryOn: ["timeout"], maxHandoffs: 3 }
  output: answer
}`),
  ).toEqual([
    "AF3015 backoff",
    "AF3015 idle",
    "AF3015 onIdle",
    "AF3015 batch",
    "AF3015 retryOn",
    "AF3015 maxHandoffs",
  ]);
});

test("a default of a role may wait for its other half", () => {
  expect(
    shown(`${fast}
role writer(text: string) -> string { backoff: 1s..4s }
agent one: writer { model: fast, prompt: text, attempts: 3 }
agent two: writer { model: fast, prompt: text }`),
  ).toEqual([]);
});

test("keys and needs are known before any item starts", () => {
  const flow = (settings: string): string => `
type Job { id: string, needs: string[..4] }
flow main(jobs: Job[..9], prefix: string) {
  step wait = sleep(1s)
  step all = for job in jobs { ${settings} step done = other(job.id) let name = job.id }
}
flow other(id: string) -> string { step wait = sleep(1s) output: id }`;
  expect(shown(flow('key: "${prefix}${job.id}", needs: job.needs'))).toEqual([]);
  expect(shown(flow("key: done, needs: [name]"))).toEqual(["AF2001 done", "AF2001 name"]);
});

test("a cache by similarity compares texts, with a model that can", () => {
  const agent = (cache: string, params = "text: string"): readonly string[] =>
    shown(`${fast}
model places { use: "openai/text-embedding-3-small" }
agent ask(${params}) -> string { model: fast, prompt: "x", cache: ${cache} }`);
  expect(agent("1h")).toEqual([]);
  expect(agent("{ ttl: 1d, similarity: 0.95 }")).toEqual([]);
  expect(agent("{ ttl: 1d, similarity: 0.95, model: places }")).toEqual([]);
  expect(agent("{ ttl: 1d, similarity: 0.95, model: ask }")).toEqual(["AF3005 ask"]);
  expect(agent("{ similarity: 0.95 }")).toEqual(["AF3002 { similarity: 0.95 }"]);
  expect(agent("{ ttl: 0s, similarity: 2.0 }")).toEqual(["AF3001 0s", "AF3001 2.0"]);
  expect(agent("{ ttl: 1d, similarty: 0.95 }")).toEqual(["AF3002 similarty"]);
  expect(agent("{ ttl: 1d, similarity: 0.95 }", "count: int")).toEqual(["AF3005 similarity: 0.95"]);
  expect(agent("5")).toEqual(["AF3005 5"]);
});

test("a tool has no model of its own to compare texts with", () => {
  const tool = (cache: string): readonly string[] =>
    shown(`
model places { use: "openai/text-embedding-3-small" }
let kept = { ttl: 1h, similarity: 0.9, model: places }
tool look(text: string) -> string { http: "GET https://a.example", cache: ${cache} }`);
  expect(tool("{ ttl: 1h, similarity: 0.9 }")).toEqual(["AF3015 similarity: 0.9"]);
  expect(tool("{ ttl: 1h, similarity: 0.9, model: places }")).toEqual([]);
  expect(tool("kept")).toEqual([]);
});

test("memory is bounded, and nothing else changes it", () => {
  const flow = (state: string): string => `${fast}
agent ask(text: string) -> string { model: fast, prompt: text }
flow main(text: string) -> string {
  state talk: ${state}
  step answer = ask(text) { memory: talk }
  output: answer
}`;
  expect(shown(flow("Message[..40] = [] { per: text }"))).toEqual([]);
  expect(shown(flow("Message[] = [] { per: text }"))).toEqual(["AF3005 talk"]);
  expect(mended(flow("Message[] = [] { per: text }"))).toContain("state talk: Message[..40] = []");
  expect(shown(flow("Message[..40] = [] { per: text, next: [] }"))).toEqual(["AF3005 talk"]);
  expect(shown(flow("string[..40] = [] { per: text }"))).toEqual(["AF3005 talk"]);
});

test("a tick brings nothing, so a flow that needs something gets it from `input`", () => {
  const flow = (params: string, on: string): readonly string[] =>
    shown(`flow main(${params}) { ${on} step wait = sleep(1s) }`);
  expect(flow("id: string", 'on cron("0 8 * * *")')).toEqual(["AF3013 cron"]);
  expect(flow("id: string", 'on cron("0 8 * * *") { zone: "UTC" }')).toEqual(["AF3013 cron"]);
  expect(flow("id: string", 'on cron("0 8 * * *") { input: { id: "x" } }')).toEqual([]);
  expect(flow('id: string = "x", more: int?', 'on cron("0 8 * * *")')).toEqual([]);
});

test("skills and error codes may stand in a `let`", () => {
  expect(
    shown(`${fast}
let known = ["sql"]
role writer(text: string) -> string
agent one: writer { model: fast, prompt: text, skills: known }
flow main(text: string) -> string { step a = writer(text) { requires: ["sql"] } output: a }`),
  ).toEqual([]);
  const codes = (errors: string): readonly string[] =>
    shown(`let declined = "card_declined"
let errors = { "402": "card_declined" }
tool pay(text: string) -> string { http: "PUT https://a.example", errors: ${errors} }
flow main(text: string) -> string {
  step a = pay(text) { fallback: match error.code { "card_declined" => "no" else => "?" } }
  output: a
}`);
  expect(codes("errors")).toEqual([]);
  expect(codes('{ "402": declined }')).toEqual([]);
});

test("an `output` under another name is told once, and what it should be", () => {
  const flow = (body: string): string =>
    `flow main(text: string) -> string { step a = other(text) ${body} }\nflow other(text: string) -> string { output: text }`;
  expect(shown(flow("outpux: a"))).toEqual(["AF2003 outpux"]);
  expect(mended(flow("outpux: a"))).toBe(flow("output: a"));
  expect(shown(flow("result: a"))).toEqual(["AF2003 result"]);
  expect(mended(flow("result: a"))).toBe(flow("output: a"));
  expect(
    shown(
      flow(
        'step again = repeat { maxRounds: 3 until: b == "" step b = other(previous ?? a) result: b } output: again',
      ),
    ),
  ).toEqual(["AF2003 result"]);
  expect(
    shown(flow('step all = for x in [text] { step b = other(x) value: b } output: all.join(",")')),
  ).toEqual(["AF2003 value"]);
  expect(shown(flow("result: a output: a"))).toEqual(["AF2003 result"]);
  expect(shown(flow("timeout: 5s"))).toEqual(["AF4007 string"]);
});

test("a setting under the name it has elsewhere is told once, with the name it has here", () => {
  const agent = (settings: string): string =>
    `${fast}\nagent a(text: string) -> string { model: fast, ${settings} }`;
  for (const [wrong, right] of [
    [agent("template: text"), agent("prompt: text")],
    [agent("prompt: text, maxTokens: 2k"), agent("prompt: text, maxOutput: 2k")],
    [agent("prompt: text, instructions: text"), agent("prompt: text, system: text")],
    ['model m { provider: "openai/x" }', 'model m { use: "openai/x" }'],
    ['tool t() { url: "GET https://a.example" }', 'tool t() { http: "GET https://a.example" }'],
    [
      "flow f() { step r = repeat { maxRounds: 3 while: true sleep(1s) } }",
      "flow f() { step r = repeat { maxRounds: 3 until: true sleep(1s) } }",
    ],
  ] as const) {
    expect([wrong, shown(wrong).map((fault) => fault.slice(0, 6))]).toEqual([wrong, ["AF2003"]]);
    expect(mended(wrong)).toBe(right);
    expect(shown(right)).toEqual([]);
  }
  expect(shown(agent("prompt: text, constructor: 1"))).toEqual(["AF2003 constructor"]);
});

test("what a spread copies is checked like any setting, once, and told where it is written", () => {
  expect(
    shown(`let base = { use: "openai/a", temperature: "hot" }
      model a { ...base }
      model b { ...base }
      model c { ...base }`),
  ).toEqual(['AF3005 "hot"']);
  expect(
    shown(`let careful = { attempts: 3, retryOn: ["timout"], idempotency: "K" }
      tool a() { ...careful, http: "POST https://a.example" }
      tool b() { ...careful, http: "POST https://a.example" }`),
  ).toEqual(['AF3003 "timout"']);
  expect(shown('let key = { apiKey: "abc" }\nmodel m { ...key, use: "openai/a" }')).toEqual([
    'AF6003 "abc"',
  ]);
  expect(shown('let s = { use: "gpt-5" }\nmodel m { ...s }')).toEqual(['AF3005 "gpt-5"']);
  expect(shown("let s = { temperature: warm }\nmodel m { ...s }")[0]).toBe("AF2001 warm");
});

test("a setting that only other things have is the fault of the spread", () => {
  expect(
    shown(`let base = { use: "openai/a" }
      model a { ...base }
      tool b() { ...base, http: "GET https://a.example" }`),
  ).toEqual(["AF2003 base"]);
});

test("a fallback that a spread brings joins the value", () => {
  const call = (value: string): readonly string[] =>
    shown(`let s = { fallback: ${value} }
      tool get() -> string { http: "GET https://a.example" }
      flow f() -> string? { step a = get() { ...s } output: a }`);
  expect(call("null")).toEqual([]);
  expect(call("3")).toEqual(["AF3007 ...s"]);
});

test("nothing follows from the lack of a setting that is misspelt", () => {
  const flow = (body: string): readonly string[] =>
    shown(`tool get(id: string) -> string { http: "GET https://a.example" }
      flow f(ids: string[..3]) -> string[] { ${body} }`);
  expect(flow("step a = for id in ids { tolerat: 1 get(id) } output: a.ok")).toEqual([
    "AF2003 tolerat",
  ]);
  expect(flow("step a = for id in ids { ignoreErrors: true get(id) } output: a.ok")).toEqual([
    "AF2003 ignoreErrors",
  ]);
  expect(flow('step a = get("x") { falback: null } output: [a ?? ""]')).toEqual(["AF2003 falback"]);
});

test("names of models are no choice, and no text", () => {
  const models = 'model a { use: "openai/a" }\nmodel b { use: "openai/b" }';
  expect(
    shown(`${models}\nconfig { isBig: bool = true }
      agent ask() -> string { model: config.isBig ? a : b, prompt: "x" }`),
  ).toEqual(["AF3005 config.isBig ? a : b"]);
  expect(shown('let names = ["a"]\nmodel a { use: "openai/a", backups: names }')).toEqual([
    "AF3005 names",
  ]);
});

test("the value of a setting is mended there, not at its type", () => {
  const helps = (text: string): readonly (string | undefined)[] =>
    faultsOf(text).map(({ help }) => help);
  expect(
    helps('flow f() { on cron("0 8 * * *") { misfire: "never" } step s = sleep(1s) }'),
  ).toEqual(["write one of these"]);
  expect(helps('flow f() { cancelOn: "orders.cancelled" step s = sleep(1s) }')).toEqual([
    'write it like `cancelOn: { topic: "order.cancelled", where: event.data.id == id }`',
  ]);
});

test("what proves who calls does not stand in the file", () => {
  const tool = (auth: string): readonly string[] =>
    shown(`config { key: secret }\ntool t() { http: "GET https://a.example", auth: ${auth} }`);
  expect(tool('{ bearer: "abc" }')).toEqual(['AF6003 "abc"']);
  expect(tool('{ basic: { user: "ada", password: "abc" } }')).toEqual(['AF6003 "abc"']);
  expect(tool('{ header: "X-Key", value: "abc" }')).toEqual(['AF6003 "abc"']);
  expect(tool('{ header: "X-Key", value: config.key }')).toEqual([]);
});

test("`where` of a trigger sees what the event gives the flow, unless several are gathered", () => {
  const on = (settings: string): readonly string[] =>
    shown(`flow f(size: int) -> int { on event("a.b") { ${settings} } output: size }`);
  expect(on("where: size > 3")).toEqual([]);
  expect(on('where: size > 3 && event.data.kind == "new", input: { size: event.data.n }')).toEqual(
    [],
  );
  expect(on("where: size > 3, debounce: 5s")).toEqual(["AF2001 size"]);
  expect(on('dedupe: "${size}"')).toEqual(["AF2001 size"]);
  expect(shown('flow f() -> int { on event("a", "b") output: 1 }')).toEqual(['AF3013 "b"']);
});

test("constants and choices of other languages are told as what they are here", () => {
  expect(shown("flow f(q: string?) -> bool { output: q == None }")).toEqual(["AF2001 None"]);
  expect(mended("flow f(q: string?) -> bool { output: q == None }")).toContain("q == null");
  const say = `${fast}\nagent say(text: string) -> string { model: fast, prompt: text }\n`;
  const [choice, ...more] = faultsOf(
    `${say}flow f(q: string) -> string { step a = q == "x" ? say(q) : say("y") output: a }`,
  );
  expect(more).toEqual([]);
  expect(choice?.help).toBe('choose between calls with `if q == "x" { say(q) } else { say("y") }`');
  const [item] = faultsOf(
    `${say}agent b() -> string {\n  model: fast\n  tools:\n    - say\n  prompt: "x"\n}`,
  );
  expect(item?.help).toBe("a list is written in brackets: `[say]`");
});

test("what stands for null is no condition", () => {
  const flow = 'flow f(q: string?) -> string { output: q || "none" }';
  expect(shown(flow)).toEqual(["AF3005 ||"]);
  expect(mended(flow)).toContain('q ?? "none"');
  expect(shown("flow f(a: bool, b: bool?) -> bool { output: a || (b ?? false) }")).toEqual([]);
});

test("stubs and settings say how an amount, a delay and a sequence are written", () => {
  const stub = (value: string): readonly (string | undefined)[] =>
    faultsOf(`tool get() -> string { http: "GET https://a.example" }
      flow f() -> string { step a = get() output: a }
      test "t" { stub: { get: ${value} } step r = f() expect r == "x" }`).map(({ help }) => help);
  expect(stub('costs(3, value: "x")')).toEqual(["money is written with its sign: `$2.50`"]);
  expect(stub('slow(3, value: "x")')).toEqual([
    "a length of time is written with its unit: `30s`, `5m`, `200ms`",
  ]);
  expect(stub('sequence("x")')).toEqual(["write `sequence([first, second])`"]);
});

test("texts and rates that look like divisions are told once", () => {
  expect(shown("model m { use: openai/gpt-5 }")).toEqual(["AF3005 openai/gpt-5"]);
  expect(mended("model m { use: openai/gpt-5 }")).toBe('model m { use: "openai/gpt-5" }');
  expect(shown('model m { use: "openai/a", rate: 60/m }')).toEqual(["AF3005 60/m"]);
  const [after, ...more] = faultsOf(
    `${fast}\nagent say() -> string { model: fast, prompt: "x" }
      flow f() { step a = say() step b = say() { after: a() } }`,
  );
  expect([after?.code, more]).toEqual(["AF3005", []]);
});
