import { expect, test } from "vitest";

import { Grammar } from "./grammar.ts";
import { parse } from "./parse.ts";

test("the ten declarations", () => {
  const text = [
    'import { a, b as c, } from "./file"',
    "let x: int = 1",
    "type T<A, B> { a: A }",
    'type U = "a" | "b"',
    'config { key: secret, url: url = "x" }',
    'config production { url: "y" }',
    "role r<T>(a: T) -> T",
    "role s() { timeout: 5s }",
    'model m { use: "x" }',
    "agent g(a: string) -> T { model: m }",
    "agent h: r<T> { model: m }",
    'tool t(a: trusted string, b: int = 1,) { http: "GET x" }',
    "flow f<T>(a: r<T>) -> T { output: a }",
    'test "t" { expect true }',
  ].join("\n");
  const { tree, diagnostics } = parse("f", text);
  expect(diagnostics).toEqual([]);
  expect(tree.imports).toMatchObject([
    {
      names: [{ name: { text: "a" }, alias: null }, { alias: { text: "c" } }],
      from: { parts: [{ text: "./file" }] },
    },
  ]);
  expect(tree.declarations.map(({ kind }) => kind).join(" ")).toBe(
    "let type type config config role role model agent agent tool flow test",
  );
  expect(tree.declarations).toMatchObject([
    { name: { text: "x" }, type: { kind: "named" } },
    { params: [{ text: "A" }, { text: "B" }], isShape: true },
    { params: [], isShape: false },
    { shape: { fields: [{}, { default: {} }] }, environment: null, block: null },
    { shape: null, environment: { text: "production" }, block: { entries: [{}] } },
    { typeParams: [{}], signature: { params: [{}], returns: {} }, block: null },
    { signature: { params: [], returns: null }, block: { entries: [{}] } },
    { name: { text: "m" } },
    { head: { kind: "signature" } },
    { head: { kind: "roleHead", role: { text: "r" }, args: [{}] } },
    { head: { params: [{ type: { kind: "labelled" } }, { default: {} }], returns: null } },
    { typeParams: [{}] },
    { title: { parts: [{ text: "t" }] } },
  ]);
});

test("declarations may share a line, and may be indented", () => {
  const text =
    'model a { use: "x" } model b { use: "y" }\n    type T { model: int, type: int }\n  let c = 1';
  const { tree, diagnostics } = parse("f", text);
  expect(diagnostics).toEqual([]);
  expect(tree.declarations.map(({ kind }) => kind)).toEqual(["model", "model", "type", "let"]);
});

test("an empty file is a file", () => {
  for (const text of ["", "\n", "// only a comment", "\ufeff"]) {
    const { tree, diagnostics, formattable } = parse("f", text);
    expect(diagnostics).toEqual([]);
    expect(formattable).toBe(true);
    expect(tree).toMatchObject({
      kind: "file",
      start: 0,
      end: text.length,
      imports: [],
      declarations: [],
    });
  }
});

test("documentation belongs to the next declaration, and to nothing if nothing can take it", () => {
  const text = [
    "/// Greets.",
    "// really",
    'model a { use: "x" } /// behind',
    "",
    "/// lost",
    "",
    "/// Found.",
    "let b = {",
    "  /// in a record",
    "  c: 1",
    "}",
    "/// at the end",
  ].join("\n");
  const { tree, diagnostics, formattable } = parse("f", text);
  expect(tree.declarations).toMatchObject([
    { doc: { text: "Greets." } },
    { doc: { text: "Found." } },
  ]);
  expect(
    diagnostics.map(({ code, severity, span }) => [
      code,
      severity,
      text.slice(span.start, span.end),
    ]),
  ).toEqual([
    ["AF1005", "warning", "/// behind"],
    ["AF1005", "warning", "/// lost"],
    ["AF1005", "warning", "/// in a record"],
    ["AF1005", "warning", "/// at the end"],
  ]);
  expect(diagnostics[0]?.fixes?.[0]?.edits[0]?.text).toBe("//");
  expect(formattable).toBe(true);
});

test("imports stand above declarations, but are read anywhere", () => {
  const { tree, diagnostics } = parse("f", 'let a = 1\nimport { b } from "./b"');
  expect(tree.imports).toHaveLength(1);
  expect(diagnostics.map(({ code, span }) => [code, span.start])).toEqual([["AF1002", 10]]);
});

test("tokens are those of the text, in order", () => {
  const text = "const a = await f('x');";
  const { tokens } = parse("f", text);
  expect(tokens.map(({ type, start, end }) => `${type} ${text.slice(start, end)}`)).toEqual([
    "Const const",
    "Identifier a",
    "Equals =",
    "Await await",
    "Identifier f",
    "LParen (",
    "Text 'x'",
    "RParen )",
    "Semicolon ;",
  ]);
});

test("the grammar is LL(3), without ambiguities or left recursion", () => {
  expect(() => new Grammar({ validate: true })).not.toThrow();
});
