import { expect, test } from "vitest";

import { applyEdits } from "./diagnostics/apply-fixes.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { diagnose } from "./rules/fixtures/findings.ts";

const declarations = `
model fast { use: "openai/gpt-5-mini" }
tool put(id: string) -> string { http: "PUT https://a.example/x" }
`;

/** What a program becomes by the first fix of its only fault, which leaves nothing to say. */
function mended(text: string): string {
  const faults = diagnose(text + declarations);
  expect(faults.map(({ code }) => code)).toHaveLength(1);
  const result = withFix(text + declarations, faults[0]);
  expect(diagnose(result)).toEqual([]);
  return result.slice(0, result.indexOf(declarations)).trim();
}

function withFix(text: string, fault: Diagnostic | undefined): string {
  const edits = [...(fault?.fixes?.[0]?.edits ?? [])];
  return applyEdits(
    text,
    edits.sort((left, right) => left.span.start - right.span.start),
  );
}

test("a call that a `let` holds becomes a step", () => {
  expect(mended("flow f(id: string) -> string { let done = put(id) output: done }")).toBe(
    "flow f(id: string) -> string { step done = put(id) output: done }",
  );
  const [inside] = diagnose(
    `flow f(id: string) -> int { let done = put(id).length output: done }${declarations}`,
  );
  expect([inside?.code, inside?.fixes]).toEqual(["AF4005", undefined]);
});

test("a flow without `output` gives its last step that fits", () => {
  expect(mended("flow f(id: string) -> string {\n  step done = put(id)\n}")).toBe(
    "flow f(id: string) -> string {\n  step done = put(id)\n  output: done\n}",
  );
});

test("a flow that gives more than its head says, says so", () => {
  expect(mended("flow f(id: string) { step done = put(id) output: done }")).toBe(
    "flow f(id: string) -> string { step done = put(id) output: done }",
  );
});

test("a case that was forgotten fails, whatever the others give", () => {
  expect(
    mended(
      `flow f(size: "s" | "m") -> string { step a = match size { "s" => "small" } output: a }`,
    ),
  ).toContain('"m" => fail("not_handled", message: "not handled")');
});

test("a case that is misspelt is not also missing", () => {
  expect(
    mended(
      `flow f(size: "small" | "large") -> string { step a = match size { "smal" => "s" "large" => "l" } output: a }`,
    ),
  ).toContain('{ "small" => "s" "large" => "l" }');
});

test("an arm that is never taken goes, or changes places with `else`", () => {
  expect(
    mended(
      `flow f(size: string) -> string { step a = match size { else => "?" "s" => "small" } output: a }`,
    ),
  ).toContain('{ "s" => "small" else => "?" }');
  expect(
    mended(
      `flow f(size: "s" | "m") -> string { step a = match size { "s" => "1" "m" => "2" "s" => "3" } output: a }`,
    ),
  ).toContain('{ "s" => "1" "m" => "2" }');
});

test("a skill that nobody has is spelt as somebody's", () => {
  expect(
    mended(`role writer(id: string) -> string
agent one: writer { model: fast, prompt: id, skills: ["sql"] }
flow f(id: string) -> string { step a = writer(id) { requires: ["sqll"] } output: a }`),
  ).toContain('requires: ["sql"]');
});

test("an address gets a token together with its declaration", () => {
  expect(mended('flow f() { on http("POST /x") step wait = sleep(1s) }')).toBe(
    'config { apiToken: secret }\n\nflow f() { on http("POST /x") { auth: { bearer: config.apiToken } } step wait = sleep(1s) }',
  );
  expect(
    mended('config { a: int = 1 }\nflow f() -> int { on http("POST /x") output: config.a }'),
  ).toContain("config { apiToken: secret  a: int = 1 }");
});

test("a trigger has one name here", () => {
  expect(mended('flow f() { on schedule("0 8 * * *") step wait = sleep(1s) }')).toContain(
    'on cron("0 8 * * *")',
  );
});

test("a circle of `let`s is shown as a whole", () => {
  const [circle] = diagnose("let a = b\nlet b = c\nlet c = a\n");
  expect(circle?.related?.map(({ message }) => message)).toEqual([
    "`a` needs `b`",
    "`b` needs `c`",
    "`c` needs `a`",
  ]);
});

test("what does not fit is shown with the place that asks for it", () => {
  const because = (text: string): readonly (string | undefined)[] =>
    diagnose(text + declarations).flatMap(({ related }) =>
      (related ?? []).map(({ span }) => (text + declarations).slice(span.start, span.end)),
    );
  expect(because("flow f() -> { a: int } { output: { a: true } }")).toEqual(["{ a: int }"]);
  expect(because("flow f() -> { a: int } { output: {} }")).toEqual(["{ a: int }"]);
  expect(because("flow f() -> int[] { output: [true] }")).toEqual(["int[]"]);
  expect(because("flow f(id: string) { step a: int = put(id) }")).toEqual(["int"]);
  expect(because("flow f() -> int { let a: int = true output: a }")).toEqual(["int"]);
  expect(because("flow f() -> int { sleep(1s) }")).toEqual(["int"]);
});

test("an argument without a name gets one by itself only where its value fits", () => {
  const send = `tool send(to: string, body: string, count: int?) { http: "POST https://a.example/x" }\n`;
  const fixes = (call: string): readonly (readonly [string, boolean])[] =>
    diagnose(`${send}flow f() { step a = ${call} }`).flatMap(
      ({ fixes: all }) => all?.map(({ title, safe }) => [title, safe] as const) ?? [],
    );
  expect(fixes('send("x", body: "y", 3)')).toEqual([["write `count:` in front", true]]);
  expect(fixes('send("x", body: "y", "z")')).toEqual([["write `count:` in front", false]]);
  expect(fixes('send("x", "y")')).toEqual([["write `body:` in front", false]]);
});

test("what several files copy is told once, in the file that has it", () => {
  const faults = diagnose(
    'import { base } from "./base"\nmodel a { ...base }\nmodel b { ...base }',
    { "base.agentflow": 'let base = { use: "openai/a", temprature: 0.2 }\nmodel c { ...base }' },
  );
  expect(faults.map(({ code, span }) => [code, span.file])).toEqual([["AF2003", "base.agentflow"]]);
});

test("a name that is set again is one fault", () => {
  expect(
    diagnose("flow f() -> int {\n  let n = 1\n  n = 2\n  output: n\n}").map(({ code }) => code),
  ).toEqual(["AF2002"]);
});

test("what is only a guess is not written without being asked", () => {
  const safeFixes = (text: string): readonly boolean[] =>
    diagnose(text).map(({ fixes }) => fixes?.some(({ safe }) => safe) ?? false);
  // `=` would make a default of `d`, and `step:` a setting of a step.
  expect(safeFixes("flow f(b: string, c: string d) -> string { output: b }")).toEqual([false]);
  expect(safeFixes("flow f() {\n  step none def : null\n}")).toEqual([false]);
  expect(safeFixes("flow f() {\n  step pause sleep(1s)\n}")).toEqual([true]);
  // A trigger stands alone.
  expect(safeFixes('flow f() {\n  step a = http("POST /x")\n}')).toEqual([false]);
  expect(safeFixes('flow f() {\n  http("POST /x") { auth: "none" }\n}')).toEqual([true]);
});

test("names that every JavaScript object has mean nothing", () => {
  for (const name of ["constructor", "toString", "hasOwnProperty"]) {
    const [fault] = diagnose(`flow f() -> string { output: ${name} }`);
    expect([fault?.message, fault?.fixes ?? []]).toEqual([`there is no name \`${name}\``, []]);
    const [trigger] = diagnose(`flow f() { on ${name}("x") step wait = sleep(1s) }`);
    expect([trigger?.message, trigger?.fixes ?? []]).toEqual([
      `there is no trigger \`${name}\``,
      [],
    ]);
  }
});

test("keys of a record inside an arm are no arms", () => {
  const tool =
    'tool size(at: { default: int }) -> trusted string { http: "GET https://a.example/x" }\n';
  const text = `${tool}flow f(a: string) -> string {
  step x = match a {
    "a" => size({ default: 1 })
    _ => a
  }
  output: x
}`;
  const faults = diagnose(text);
  expect(faults.map(({ message }) => message)).toEqual([
    "what holds for all other values is `else`, not `_`",
  ]);
  expect(diagnose(withFix(text, faults[0]))).toEqual([]);
});
