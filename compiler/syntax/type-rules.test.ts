import { expect, test } from "vitest";

import { parse } from "./parse.ts";
import type { Field, Range, TypeNode } from "./tree.ts";

/** The type with all that the tree knows of it. */
function printed(written: string): string {
  const { tree, diagnostics } = parse("f", `type A = ${written}`);
  expect(diagnostics).toEqual([]);
  const [declaration] = tree.declarations;
  return declaration?.kind === "type" ? print(declaration.value) : "no type";
}

function print(type: TypeNode): string {
  switch (type.kind) {
    case "union":
      return `(${type.members.map((member) => print(member.type)).join(" | ")})`;
    case "labelled":
      return `${type.label}<${print(type.type)}>`;
    case "optional":
      return `${print(type.type)}?`;
    case "list":
      return `${print(type.item)}[${printRange(type.range)}]`;
    case "shape":
      return `{${type.fields.map(printField).join(", ")}}`;
    case "literalType":
      return JSON.stringify(
        type.value.parts.map((part) => (part.kind === "text" ? part.text : "…")).join(""),
      );
    case "named": {
      const args = type.args.length === 0 ? "" : `<${type.args.map(print).join(", ")}>`;
      const pattern = type.pattern === null ? "" : `(/${type.pattern.parts.length}/)`;
      return `${type.name.text}${args}${type.range === null ? "" : `(${printRange(type.range)})`}${pattern}`;
    }
    case "parenthesizedType":
      return `<${print(type.type)}>`;
    case "errorType":
      return "?";
  }
}

function printRange(range: Range | null): string {
  if (range === null) return "";
  const { from, to, exact } = range;
  return exact
    ? `=${String(from?.value)}`
    : `${String(from?.value ?? "")}..${String(to?.value ?? "")}`;
}

function printField({ name, type, default: value }: Field): string {
  return `${name.text}: ${print(type)}${value === null ? "" : " = …"}`;
}

test.each([
  ["string", "string"],
  ["string?", "string?"],
  ["string[]?", "string[]?"],
  ["Hit[..5]", "Hit[..5]"],
  ["Hit[2..8][]", "Hit[2..8][]"],
  ["Hit[1..]", "Hit[1..]"],
  ["Hit[3]", "Hit[=3]"],
  ["int(-5..5)", "int(-5..5)"],
  ["money(..$500)", "money(..500000000)"],
  ["float(0..0.5)", "float(0..0.5)"],
  ['string("^a$")', "string(/1/)"],
  ['"a" | "b"', '("a" | "b")'],
  ['| "a" | "b"', '("a" | "b")'],
  ['("a" | "b")?', '<("a" | "b")>?'],
  ["trusted private Invoice[..100]", "trusted<private<Invoice[..100]>>"],
  ["Map<A, B<C>>", "Map<A, B<C>>"],
  ["{ a: int, b: string = 1 c: { d: bool } }", "{a: int, b: string = …, c: {d: bool}}"],
  ['{ kind: "a" } | { kind: "b", step: int }', '({kind: "a"} | {kind: "b", step: int})'],
])("%s", (written, expected) => {
  expect(printed(written)).toBe(expected);
});

test("a default may follow a generic type without a blank", () => {
  const { tree, diagnostics } = parse("f", "flow f(a: R<T>=b) { output: a }\ntype X<T>=T[]");
  expect(diagnostics).toEqual([]);
  expect(tree.declarations).toMatchObject([
    { head: { params: [{ type: { args: [{}] }, default: { kind: "name" } }] } },
    { params: [{ text: "T" }], value: { kind: "list" } },
  ]);
});

test("members of a union and fields carry their documentation", () => {
  const text = [
    "type A =",
    '  | "a"',
    "  /// The second.",
    '  | "b"',
    "type B {",
    "  /// The field.",
    "  c: int",
    "}",
  ].join("\n");
  const { tree, diagnostics } = parse("f", text);
  expect(diagnostics).toEqual([]);
  expect(tree.declarations).toMatchObject([
    { isShape: false, value: { members: [{ doc: null }, { doc: { text: "The second." } }] } },
    { isShape: true, value: { fields: [{ doc: { text: "The field." } }] } },
  ]);
});
