import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { compile } from "../compile.ts";
import { diagnose, findings } from "./fixtures/findings.ts";
import { fixedEverywhere } from "./unfixed-setting.ts";

const fast = 'model fast { use: "openai/gpt-5-mini" }';

/** A model with these settings, and all that is needed for it to be part of a plan. */
function withModel(settings: string, more = ""): string {
  return `
config { share: float = 0.5, wait: duration = 5s, zone: string = "UTC", token: secret, isOpen: bool = true }
${more}
model fast { use: "openai/gpt-5-mini", ${settings} }
agent ask(text: string) -> string { model: fast, prompt: text }
flow main(text: string) -> string { step answer = ask(text) output: answer }
`;
}

function planOf(text: string) {
  const { plan, diagnostics } = compile({ read: () => text }, "main.agentflow");
  expect(diagnostics).toEqual([]);
  return plan?.program;
}

test("what the plan holds as a value does not come from `config`", () => {
  const late = "is part of the plan, and `config` has its values only when a process starts";
  expect(findings(withModel("temperature: config.share, timeout: config.wait"))).toEqual([
    `AF3005 config.share: \`temperature\` ${late}`,
    `AF3005 config.wait: \`timeout\` ${late}`,
  ]);
  expect(findings(withModel("circuit: { window: config.wait * 2 }"))).toEqual([
    `AF3005 config.wait: \`circuit\` ${late}`,
  ]);
});

test("nor from a run", () => {
  const text = `
${fast}
agent ask(text: string, age: duration) -> string { model: fast, prompt: text, cache: age }
flow main(text: string, most: int) -> string {
  concurrency: { limit: most, per: text }
  rate: most > 3 ? 60/min : 5/min
  cancelOn: { topic: "order.\${text}" }
  step answer = ask(text, age: 1h) { cache: 1m * most }
  output: answer
}
`;
  expect(findings(text)).toEqual([
    "AF3005 age: `cache` is part of the plan, and `age` is known only in a run",
    "AF3005 most: `concurrency` is part of the plan, and `most` is known only in a run",
    "AF3005 most: `rate` is part of the plan, and `most` is known only in a run",
    "AF3005 text: `cancelOn` is part of the plan, and `text` is known only in a run",
    "AF3005 most: `cache` is part of the plan, and `most` is known only in a run",
  ]);
});

test("what `let`, arithmetic, `?:` and `${}` make of literals is a literal", () => {
  const program = planOf(
    withModel(
      "timeout: base * 3 - 500ms, maxOutput: isLarge ? 8k : 1k, price: { input: $1 / 4, output: $0.5 + $0.25 }",
      "let base = 10s\nlet isLarge = !false",
    ) + 'let team = "ops"\nflow other() { deadLetter: "${team}-${2 + 1}" step s = sleep(1s) }',
  );
  expect(program?.models["fast"]).toMatchObject({
    timeoutMs: 29_500,
    maxOutput: 8_000,
    price: { input: 0.25, output: 0.75 },
  });
  expect(program?.flows["other"]?.deadLetter).toBe("ops-3");
});

test("conditions on literals are computed as a run would compute them", () => {
  const lets = [
    "let most = 4k",
    'let stage: string = "live"',
    "let cap = $0.30",
    "let note: string? = null",
  ];
  const timeout = (condition: string): number | undefined =>
    planOf(
      withModel(
        `timeout: ${condition} ? 1s : 2s`,
        lets.filter((line) => condition.includes(line.split(/[ :]/)[1] ?? "")).join("\n"),
      ),
    )?.models["fast"]?.timeoutMs;
  for (const holds of [
    "most / 2 > 1",
    "most <= 4000 && !(most < 4000)",
    'stage == "live"',
    'stage != "test" || most >= 5k',
    "cap > $0.2 + $0.05",
    "note == null",
    "50% == 0.5",
  ])
    expect([holds, timeout(holds)]).toEqual([holds, 1_000]);
  for (const fails of ["most > 4k", 'stage == "test"', "cap == $0.3 && false"])
    expect([fails, timeout(fails)]).toEqual([fails, 2_000]);
});

test("a value that is doubled again and again is computed once at each step", () => {
  const doubled = Array.from({ length: 12 }, (_, at) => `let d${at + 1} = d${at} + d${at}`);
  const program = planOf(
    withModel("timeout: d12 * 0 + 7s", ["let d0 = 1ms", ...doubled].join("\n")),
  );
  expect(program?.models["fast"]?.timeoutMs).toBe(7_000);
});

test("a long chain of operators is computed", () => {
  const chain = Array.from({ length: 900 }, () => "1ms").join(" + ");
  expect(planOf(withModel(`timeout: ${chain}`))?.models["fast"]?.timeoutMs).toBe(900);
});

test("a value that comes from elsewhere is shown there", () => {
  const [found] = diagnose(
    withModel("...shared", "let shared = { temperature: third }\nlet third = config.share / 3"),
  );
  expect(found?.message).toBe(
    "`temperature` is part of the plan, and `config` has its values only when a process starts",
  );
  expect(found?.related).toHaveLength(1);
});

test("which way to log in is fixed, with what is not", () => {
  const tool = (auth: string): string => `
config { token: string = "x", isOpen: bool = true }
let login = { user: config.token, password: "x" }
tool put(text: string) { http: "POST https://a.example/x", auth: ${auth} }
flow main(text: string) { step done = put(text) }
`;
  expect(findings(tool("{ basic: login }"))).toEqual([]);
  expect(
    findings(tool('config.isOpen ? { bearer: "" } : { bearer: config.token }')).map((line) =>
      line.slice(0, 6),
    ),
  ).toEqual(["AF3005"]);
});

test("a budget may be chosen in a run", () => {
  const program = planOf(`
let small = { cost: $1 }
flow main(isLarge: bool, own: { cost: money, time: duration? }) {
  budget: isLarge ? { cost: $9 } : small
  step one = other(own)
}
flow other(own: { cost: money, time: duration? }) { budget: own step wait = sleep(1s) }
`);
  expect(program?.flows["main"]?.budget?.cost).toMatchObject({ op: "field", name: "cost" });
  expect(program?.flows["other"]?.budget).toMatchObject({
    cost: { op: "field", name: "cost" },
    timeMs: { op: "field", name: "time" },
  });
});

test("an agent in an example is written as its name", () => {
  const [found] = diagnose(`
${fast}
role doer(text: string) -> string
agent one: doer { model: fast, prompt: text }
agent pick(text: string) -> doer { model: fast, prompt: text, examples: [{ input: { text: "x" }, output: one }] }
flow main(text: string) -> string { step who = pick(text) step done = who(text) output: done }
`);
  expect(found?.fixes?.[0]?.edits.map(({ text }) => text)).toEqual(['"one"']);
});

test("defaults of `config` are known, too", () => {
  const program = planOf(`
let base = "https://a.example"
config { url: url = base, most: int = 2 * 3, note: string? = null }
flow main() -> string { output: "\${config.url} \${config.most} \${config.note ?? ""}" }
`);
  expect(program?.config).toMatchObject({
    url: { default: "https://a.example" },
    most: { default: 6 },
    note: { default: null },
  });
  expect(
    findings('config { most: int = "abc".length }\nflow main() -> int { output: config.most }'),
  ).toEqual([
    'AF3005 "abc".length: the default of `config.most` is part of the plan, so its value is a literal, or made of literals with `let`, arithmetic, conditions and `${…}`',
  ]);
});

test("a cache may name the model that compares texts", () => {
  const program = planOf(`
model fast { use: "openai/gpt-5-mini" }
model places { use: "openai/text-embedding-3-small" }
let share = 0.9
agent ask(text: string) -> string { model: fast, prompt: text, cache: { ttl: 2 * 30m, similarity: share, model: places } }
flow main(text: string) -> string { step answer = ask(text) output: answer }
`);
  expect(program?.agents["ask"]?.cache).toEqual({
    ttlMs: 3_600_000,
    similarity: 0.9,
    model: "places",
  });
  expect(Object.keys(program?.models ?? {})).toEqual(["fast", "places"]);
});

test("of two spreads the later one wins, and the block itself wins over both", () => {
  const timeout = (settings: string): number | undefined =>
    planOf(withModel(settings, "let one = { timeout: 5s }\nlet two = { timeout: 7s }"))?.models[
      "fast"
    ]?.timeoutMs;
  expect(timeout("...one, ...two")).toBe(7_000);
  expect(timeout("timeout: 9s, ...one, ...two")).toBe(9_000);
});

test("a spread brings what its record copies from others", () => {
  const program = planOf(
    withModel(
      "...all",
      "let base = { timeout: 5s, temperature: 0.3 }\nlet all = { ...base, maxOutput: 4k, timeout: 6s }",
    ),
  );
  expect(program?.models["fast"]).toMatchObject({
    timeoutMs: 6_000,
    temperature: 0.3,
    maxOutput: 4_000,
  });
  const doubled = Array.from(
    { length: 12 },
    (_, at) => `let r${at + 1} = { ...r${at}, ...r${at} }`,
  );
  const text = ["let r0 = { timeout: 8s }", ...doubled].join("\n");
  expect(planOf(withModel("...r12", text))?.models["fast"]?.timeoutMs).toBe(8_000);
});

test("what answers, and which function it is, may be put together from what never changes", () => {
  const program = planOf(`
let provider = "openai"
let mini = "\${provider}/gpt-5-mini"
model a { use: mini, backups: others }
model b { use: "\${provider}/gpt-5" }
let others = [b]
let folder = "tools"
agent ask(text: string) -> string { model: a, prompt: text }
tool count(text: string) -> int { module: "./\${folder}/count.ts#count" }
flow main(text: string) -> int { step answer = ask(text) step size = count(answer) output: size }
`);
  expect(program?.models["a"]).toMatchObject({
    provider: "openai",
    model: "gpt-5-mini",
    backups: ["b"],
  });
  expect(JSON.stringify(program?.tools["count"])).toContain("tools/count.ts");
  expect(
    findings(
      'let provider = "openai"\nmodel a { use: "${provider} mini" }\nagent ask() -> string { model: a, prompt: "x" }',
    ),
  ).toEqual([
    'AF3005 "${provider} mini": `use` is a provider and its model, as `"provider/model"`; `"openai mini"` is not',
  ]);
  expect(
    findings('config { m: string = "openai/x" }\nmodel a { use: config.m }').map((found) =>
      found.slice(0, found.indexOf(":")),
    ),
  ).toEqual(["AF3005 config.m"]);
});

test("what a trigger waits for is part of the plan", () => {
  const late = "is part of the plan, and `config` has its values only when a process starts";
  const trigger = (entry: string): readonly string[] =>
    findings(`config { place: string = "x" }\nflow main() { ${entry} step s = sleep(1s) }`);
  expect(trigger("on event(config.place)")).toEqual([
    `AF3005 config.place: the topic of \`on event\` ${late}`,
  ]);
  expect(trigger("on slack(config.place)")).toEqual([
    `AF3005 config.place: the channel of \`on slack\` ${late}`,
  ]);
  expect(trigger('on http("POST /${config.place}") { auth: "none" }')).toEqual([
    `AF3005 config.place: the address of \`on http\` ${late}`,
  ]);
  expect(trigger("on cron(config.place)")).toEqual([
    `AF3005 config.place: the time table of \`on cron\` ${late}`,
  ]);
});

test("the manual marks each setting that is part of the plan", () => {
  const page = readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8");
  const marked = [...page.matchAll(/`(\w+)(?::[^`]*)?`†/gu)].map((match) => match[1] ?? "");
  for (const key of fixedEverywhere) expect([key, marked.includes(key)]).toEqual([key, true]);
  const inPart = new Set(["cache", "concurrency"]);
  for (const key of marked)
    expect([key, fixedEverywhere.has(key) || inPart.has(key)]).toEqual([key, true]);
});
