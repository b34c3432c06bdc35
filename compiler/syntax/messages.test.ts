import { expect, test } from "vitest";

import { LineMap } from "../source/line-map.ts";
import { parse } from "./parse.ts";

/** Mistakes as people make them; what is said about each stands in `goldens/messages.txt`, to be read. */
const cases = [
  "flow f(text: string) {\n  step x = judge(text\n  output: x\n}",
  "flow f(text: string) {\n  step x = judge(text {\n    timeout: 5s\n  }\n  output: x\n}",
  "agent a() -> string\n  model: fast\n}",
  "agent a() -> string {\n  model: fast\n\nagent b() -> string {\n  model: fast\n}",
  "agent a() string { model: fast }",
  "agent a(name string) -> string { model: fast }",
  "agent a(name: string, -> string { model: fast }",
  "agent (name: string) -> string { model: fast }",
  "agent a(name: string) -> { model: fast }",
  'model fast use: "x" }',
  'model fast { use "x" }',
  'model { use: "x" }',
  "type A { a: int, b }",
  "type A { a int }",
  "type A = ",
  'type A "x" | "y"',
  'type A = "x" "y"',
  "let a = [1, 2",
  "let a = [1 2]",
  "let a = { b: }",
  "let a = 1 +",
  "let = 1",
  "let a 1",
  "flow f() {\n  step x judge(a)\n}",
  "flow f() {\n  step = judge(a)\n}",
  "flow f() {\n  step x =\n  output: x\n}",
  "flow f() {\n  step x = if a\n    g()\n  }\n}",
  "flow f() {\n  step x = a > 1 { g() }\n}",
  "flow f() {\n  step x = if a { g() } { h() }\n}",
  "flow f() {\n  step x = for item xs { g(item) }\n}",
  "flow f() {\n  step x = for in xs { g(item) }\n}",
  'flow f() {\n  step x = match a { "b" g() }\n}',
  "flow f() {\n  step x = match a { b => g() }\n}",
  "flow f() {\n  step match = g()\n}",
  "flow f() {\n  step x = g(a b)\n}",
  "flow f() {\n  step x = g(a: )\n}",
  "flow f() {\n  step x = g(a) { after b }\n}",
  'flow f() {\n  state memo = ""\n}',
  'flow f() {\n  step x = g(a) { fallback, "x" }\n}',
  "flow f() {\n  step x = for a in b {\n    maxItems, 3\n    g(a)\n  }\n}",
  'agent a() -> string { model, fast, prompt: "x" }',
  "flow f() {\n  on event { dedupe: a }\n}",
  "flow f() {\n  output: a and b\n}",
  'agent a() -> string { "model": fast, "prompt": "x" }',
  "flow f() {\n  output: list.map(x => { return x.length })\n}",
  "flow f() {\n  step x = g(a) { fallback: }\n}",
  "flow f -> string { output: 1 }",
  "flow f(string q) -> string { output: q }",
  "flow f() {\n  parallel {\n    step a = g()\n    step b = h()\n  }\n}",
  'flow f() {\n  step a = g() when q == "x"\n}',
  "flow f() {\n  step a = g() { timeout: 10sec }\n}",
  "let a = 2€",
  'flow f() {\n  step x = if a = "b" { g() }\n}',
  'flow f() {\n  step x = repeat {\n    maxRounds: 2\n    until: y = "b"\n    step y = g()\n  }\n}',
  'test "t" {\n  step r = f()\n  assert r == "x"\n}',
  'flow f() {\n  step x = match a {\n    "b": g()\n    "c": h()\n    else: i()\n  }\n}',
  'flow f() {\n  step x = match a {\n    "b" => g()\n    _ => h()\n  }\n}',
  'flow f() {\n  output: "a" in list\n}',
  "flow f() {\n  let s = 0\n  s += n\n  output: s\n}",
  "flow f() {\n  output: n++\n}",
  "type A { a: list[string] }",
  "type A { a?: string }",
  "workflow f() { output: 1 }",
  "flow f() {\n  output: a % 2\n}",
  "flow f() {\n  step x = if not a or b { g() }\n}",
  'flow f() {\n  step x = g(f"hello")\n}',
  "flow f() {\n  step x = foreach a in b { g(a) }\n}",
  "flow f() {\n  step x = if a { g() } elif b { h() }\n}",
  "agent a() -> string {\n  model: fast\n  prompt: Answer the question\n}",
  "agent a() -> string {\n  prompt: |\n    Answer the question\n    please\n  model: fast\n}",
  'agent a(q: string) -> string { prompt: "${{ q }}" }',
  'flow f() {\n  on cron "0 8 * * *"\n  step x = g()\n}',
  "flow f() {\n  output: a }\n}",
  "flow f() {\n  output: (a + b\n}",
  "flow f() {\n  let a = b c\n}",
  'import { a } "./b"',
  'import a from "./b"',
  'import { a b } from "./b"',
  "test { expect a }",
  "greet(name: string) -> string { model: fast }",
  "foo bar",
  "}",
  "let a = if",
  "let await = 1",
  "flow f() { step x = a ? b }",
  "flow f() { step x = xs.map(x -> x.id) }",
  "flow f() { step x = xs.map((x) => x.id) }",
  "flow f() {\n  a += 1\n}",
  "flow f() {\n  step a = g() || h()\n  else { }\n}",
  'role r(a: int) -> \nmodel m { use: "x" }',
  'config production url: "x" }',
  "agent a: { model: fast }",
  "function f() { return 1 }",
  "flow f() { try { g() } catch (e) { h() } }",
  "flow f() { while (a) { g() } }",
  "flow f() { if (a) { g() } else { h() } }",
  "agent a {\n  model: fast\n}",
  "flow f(a: string | null) { output: a }",
  'let a = "x" + \'y',
  "let a = b & c",
  "let a = !",
  "flow f() {\n  for x of xs { g(x) }\n}",
  "flow f() { step x = race { a() b() } step }",
  'tool t(a: int = ) { http: "GET x" }',
  'tool t(a: int(1..)) -> Foo[..] { http: "GET x" }',
];

test("every mistake is explained", async () => {
  await expect(cases.map(explained).join("\n")).toMatchFileSnapshot("goldens/messages.txt");
});

test("messages stand alone: lower case, no full stop, code between backticks", () => {
  for (const text of cases) {
    for (const { message, help = "" } of parse("f", text).diagnostics) {
      for (const sentence of [message, help]) {
        expect(sentence).not.toMatch(/[.!]$/);
        expect(sentence.split("`").length % 2).toBe(1);
      }
      expect(message).toMatch(/^(I |[a-z`])/);
      expect(`${message}${help}`).not.toMatch(/illegal|invalid syntax|token/i);
    }
  }
});

function explained(text: string): string {
  const lines = new LineMap(text);
  const said = parse("f", text).diagnostics.map(({ code, message, help, span, related, fixes }) => {
    const { line, column } = lines.positionAt(span.start);
    const more = [
      ...(related ?? []).map(
        (label) => `see ${lines.positionAt(label.span.start).line + 1}: ${label.message}`,
      ),
      ...(help === undefined ? [] : [`help: ${help}`]),
      ...(fixes ?? []).map((fix) => `fix: ${fix.title}`),
    ];
    return [
      `  ${line + 1}:${column + 1} ${code} ${message}`,
      ...more.map((one) => `    ${one}`),
    ].join("\n");
  });
  const shown = text.split("\n").map((line) => `| ${line}`.trimEnd());
  return [...shown, ...(said.length === 0 ? ["  no fault"] : said), ""].join("\n");
}
