import { expect, test } from "vitest";

import { applyFixes } from "../diagnostics/apply-fixes.ts";
import { parse } from "./parse.ts";
import { plainTree } from "./plain-tree.ts";

/** Code, what people write, and what they mean. */
const habits: readonly (readonly [code: string, written: string, meant: string])[] = [
  ["AF1010", "let a = 1;", "let a = 1"],
  ["AF1010", 'model m { use: "x"; timeout: 5s; }', 'model m { use: "x" timeout: 5s }'],
  ["AF1010", "let a = f(1; 2)", "let a = f(1, 2)"],
  ["AF1010", "let a = [1; 2;]", "let a = [1, 2]"],
  ["AF1010", "type T { a: int; b: string; }", "type T { a: int b: string }"],
  ["AF1011", "let a = b === c", "let a = b == c"],
  ["AF1011", "let a = b !== c", "let a = b != c"],
  ["AF1012", "flow f() { step a = await g() }", "flow f() { step a = g() }"],
  ["AF1012", "flow f() { await g() }", "flow f() { g() }"],
  ["AF1012", "let a = (await b).c", "let a = (b).c"],
  ["AF1013", "const a = 1", "let a = 1"],
  ["AF1013", "var a: int = 1", "let a: int = 1"],
  ["AF1013", "flow f() { const a = g() }", "flow f() { step a = g() }"],
  ["AF1013", "flow f() { const a = x.y }", "flow f() { let a = x.y }"],
  ["AF1013", "flow f() { var a = if b { c() } }", "flow f() { step a = if b { c() } }"],
  ["AF1013", "flow f() { const a = g() { after: b } }", "flow f() { step a = g() { after: b } }"],
  ["AF1013", "flow f() { const a = xs.map(x => x.id) }", "flow f() { let a = xs.map(x => x.id) }"],
  ["AF1013", "flow f() { const a = s.assignee(s) }", "flow f() { step a = s.assignee(s) }"],
  ["AF1014", "let a = 'hello'", 'let a = "hello"'],
  ["AF1014", "let a = 'it\\'s \"so\"'", 'let a = "it\'s \\"so\\""'],
  ["AF1014", "let a = 'b ${c.d}'", 'let a = "b ${c.d}"'],
  ["AF1014", "let a = \"b ${c ?? 'd'}\"", 'let a = "b ${c ?? "d"}"'],
  ["AF1015", "let a = `b ${c} d`", 'let a = "b ${c} d"'],
  ["AF1015", 'let a = `say "hi"`', 'let a = "say \\"hi\\""'],
  ["AF1015", "let a = `\n  one\n  two\n`", 'let a = """\n  one\n  two\n"""'],
  ["AF1015", "let a = `one\n  two`", 'let a = """\none\n  two\n"""'],
  ["AF1016", "flow f() { return a }", "flow f() { output: a }"],
  ["AF1016", "flow f() { return { a, b: 1 } }", "flow f() { output: { a, b: 1 } }"],
  ["AF1017", 'model m { use = "x" }', 'model m { use: "x" }'],
  ["AF1017", "flow f() { budget = { cost: $1 } }", "flow f() { budget: { cost: $1 } }"],
  ["AF1017", "let a = { b = 1 }", "let a = { b: 1 }"],
  ["AF1017", "let a = f(b = 1)", "let a = f(b: 1)"],
  ["AF1017", "flow f() { step a = g(1) { after = b } }", "flow f() { step a = g(1) { after: b } }"],
  ["AF1017", 'flow f() { step a: g("x") }', 'flow f() { step a = g("x") }'],
  ["AF1017", "flow f() { let a: b.c + 1 }", "flow f() { let a = b.c + 1 }"],
  ["AF1017", "let a: { b: 1 }", "let a = { b: 1 }"],
  ["AF1017", "flow f() { step a: if b { c() } }", "flow f() { step a = if b { c() } }"],
  ["AF1017", "flow f() { a = g(1) }", "flow f() { step a = g(1) }"],
  ["AF1017", "flow f() { a = for x in xs { g(x) } }", "flow f() { step a = for x in xs { g(x) } }"],
  ["AF1017", "flow f() { a = b + 1 }", "flow f() { let a = b + 1 }"],
  ["AF1017", "guarded = { timeout: 5s }", "let guarded = { timeout: 5s }"],
  ["AF1018", "async flow f() { step a = g() }", "flow f() { step a = g() }"],
  ["AF1019", "let a = 1,", "let a = 1"],
  ["AF1019", "type A { b: int },\ntype C { d: int }", "type A { b: int }\ntype C { d: int }"],
  ["AF1019", 'import { a } from "./b",', 'import { a } from "./b"'],
  ["AF1019", "flow f() { step a = g(), step b = h() }", "flow f() { step a = g() step b = h() }"],
  ["AF1019", 'test "t" { expect a == 1, expect b }', 'test "t" { expect a == 1 expect b }'],
  ["AF1020", "enum Mood { negative, neutral }", 'type Mood = "negative" | "neutral"'],
  ["AF1020", 'enum Mood { Bad = "bad", Good = "good", }', 'type Mood = "bad" | "good"'],
  ["AF1020", "enum Level { low = 1, high = 2 }", 'type Level = "low" | "high"'],
  ["AF1020", "enum One { only }", 'type One = "only"'],
  ["AF1020", "interface T { a: int }", "type T { a: int }"],
  ["AF1020", "interface T<A> { a: A }", "type T<A> { a: A }"],
  ["AF1020", "export type T { a: int }", "type T { a: int }"],
  ["AF1020", "let a = undefined", "let a = null"],
  [
    "AF1020",
    "flow f() { output: b == undefined ? 1 : 2 }",
    "flow f() { output: b == null ? 1 : 2 }",
  ],
];

test.each(habits)("%s: %s", (code, written, meant) => {
  const result = parse("main.agentflow", written);
  expect(new Set(result.diagnostics.map((one) => one.code))).toEqual(new Set([code]));
  expect(result.formattable).toBe(true);
  expect(plainTree(treeOf(written))).toEqual(plainTree(treeOf(meant)));
  const { changed } = applyFixes(result.diagnostics, new Map([["main.agentflow", written]]));
  const fixed = parse("main.agentflow", changed.get("main.agentflow") ?? "");
  expect(fixed.diagnostics).toEqual([]);
  expect(plainTree(fixed.tree)).toEqual(plainTree(treeOf(meant)));
});

test("all habits of a file are read at once, and mended at once", () => {
  const written = [
    "export const limits = { timeout: 5s };",
    "interface Result { mood: 'good'; }",
    "async flow f(a: string) -> Result {",
    "  const b = await g(a);",
    "  c = h(b === undefined ? 'x' : `${b}`),",
    "  return { mood: c };",
    "}",
  ].join("\n");
  const meant = [
    "let limits = { timeout: 5s }",
    'type Result { mood: "good" }',
    "flow f(a: string) -> Result {",
    "  step b = g(a)",
    '  step c = h(b == null ? "x" : "${b}")',
    "  output: { mood: c }",
    "}",
  ].join("\n");
  const result = parse("main.agentflow", written);
  expect(plainTree(result.tree)).toEqual(plainTree(treeOf(meant)));
  const { changed, postponed } = applyFixes(
    result.diagnostics,
    new Map([["main.agentflow", written]]),
  );
  expect(postponed).toEqual([]);
  expect(plainTree(treeOf(changed.get("main.agentflow") ?? ""))).toEqual(plainTree(treeOf(meant)));
});

test("words of other languages are free as keys, fields and behind a dot", () => {
  const text =
    "model m { await: 1, return: 2 }\ntype T { const: int, enum: int, undefined: int }\nlet a = b.export.async";
  expect(parse("main.agentflow", text).diagnostics).toEqual([]);
});

test("documentation stays with what a dropped word stood before", () => {
  const { tree, diagnostics } = parse(
    "main.agentflow",
    "/// Greets.\nexport async flow f() { g() }",
  );
  expect(tree.declarations[0]).toMatchObject({ kind: "flow", doc: { text: "Greets." } });
  expect(diagnostics.map((one) => one.code)).toEqual(["AF1020", "AF1018"]);
});

test("comments between the members of an enum are kept", () => {
  const written = "enum Mood {\n  /// Angry or sad.\n  negative,\n  // the rest\n  neutral\n}";
  const { diagnostics, tree } = parse("main.agentflow", written);
  expect(tree.declarations[0]).toMatchObject({
    value: { members: [{ doc: { text: "Angry or sad." } }, { doc: null }] },
  });
  const fixed = applyFixes(diagnostics, new Map([["main.agentflow", written]])).changed.get(
    "main.agentflow",
  );
  expect(fixed).toContain('/// Angry or sad.\n  | "negative"');
  expect(fixed).toContain('// the rest\n  | "neutral"');
});

function treeOf(text: string): unknown {
  const result = parse("main.agentflow", text);
  return result.tree;
}
