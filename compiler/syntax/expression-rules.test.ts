import { expect, test } from "vitest";

import { parse } from "./parse.ts";
import type { Argument, Expression, RecordEntry } from "./tree.ts";

/** The expression with all its parentheses. */
function grouped(written: string): string {
  const { tree, diagnostics } = parse("f", `let a = ${written}`);
  expect(diagnostics).toEqual([]);
  const [declaration] = tree.declarations;
  return declaration?.kind === "let" ? print(declaration.value) : "no let";
}

function print(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return JSON.stringify(expression.value);
    case "string":
      return JSON.stringify(
        expression.parts.map((part) => (part.kind === "text" ? part.text : "…")).join(""),
      );
    case "name":
      return expression.name.text;
    case "fieldAccess":
      return `${print(expression.object)}${expression.optional ? "?." : "."}${expression.name.text}`;
    case "index":
      return `${print(expression.object)}[${print(expression.index)}]`;
    case "call":
      return `${print(expression.callee)}(${expression.args.map(printArgument).join(", ")})`;
    case "lambda":
      return `${expression.param.text} => ${print(expression.body)}`;
    case "unary":
      return `(${expression.operator}${print(expression.operand)})`;
    case "binary":
      return `(${print(expression.left)} ${expression.operator} ${print(expression.right)})`;
    case "conditional":
      return `(${print(expression.condition)} ? ${print(expression.then)} : ${print(expression.else)})`;
    case "record":
      return `{${expression.entries.map(printEntry).join(", ")}}`;
    case "listLiteral":
      return `[${expression.items.map(print).join(", ")}]`;
    case "parenthesized":
      return `<${print(expression.expression)}>`;
    case "errorExpression":
      return "?";
  }
}

function printArgument({ name, value }: Argument): string {
  return name === null ? print(value) : `${name.text}: ${print(value)}`;
}

function printEntry(entry: RecordEntry): string {
  if (entry.kind === "recordSpread") return `...${print(entry.value)}`;
  const key = entry.quoted ? JSON.stringify(entry.key.text) : entry.key.text;
  return entry.value === null ? key : `${key}: ${print(entry.value)}`;
}

test.each([
  ["a + b * c", "(a + (b * c))"],
  ["a * b + c", "((a * b) + c)"],
  ["a - b - c", "((a - b) - c)"],
  ["a ?? b || c && d == e < f + g * h", "(a ?? (b || (c && (d == (e < (f + (g * h)))))))"],
  ["a * b + c < d == e && f || g ?? h", "(((((((a * b) + c) < d) == e) && f) || g) ?? h)"],
  ["1s..16s", "(1000 .. 16000)"],
  ["a + 1..b * 2", "((a + 1) .. (b * 2))"],
  ["-a.b + !c", "((-a.b) + (!c))"],
  ["-1", "(-1)"],
  ["a ? b : c ? d : e", "(a ? b : (c ? d : e))"],
  ["a ? b ? c : d : e", "(a ? (b ? c : d) : e)"],
  ["a == b ? c ?? d : e", "((a == b) ? (c ?? d) : e)"],
  ["(a + b) * c", "(<(a + b)> * c)"],
  ["a?.b.c[0]?.d(e)", "a?.b.c[0]?.d(e)"],
  ["a.step.if.true", "a.step.if.true"],
  ["config.key", "config.key"],
  ["f(a, b: 1, in: 2, c => d,)", "f(a, b: 1, in: 2, c => d)"],
  ["f(a == b)", "f((a == b))"],
  ["[1, [2], {},]", "[1, [2], {}]"],
  ["[]", "[]"],
  ['{ a, b: 1 "c d": 2, ...e, step: 3 }', '{a, b: 1, "c d": 2, ...e, step: 3}'],
  ["{ ...a.b, c }", "{...a.b, c}"],
  ["a\n  .b\n  .c()", "a.b.c()"],
])("%s", (written, expected) => {
  expect(grouped(written)).toBe(expected);
});

test.each([
  ["7", 7],
  ["007", 7],
  ["0.5", 0.5],
  ["true", true],
  ["false", false],
  ["null", null],
  ["200ms", 200],
  ["1.5h", 5_400_000],
  ["3d", 259_200_000],
  ["$0.60", 600_000],
  ["$12", 12_000_000],
  ["50%", 0.5],
  ["8k", 8_000],
  ["2M", 2_000_000],
  ["99999999999999999999", Number.MAX_SAFE_INTEGER],
])("the literal %s is %s", (written, value) => {
  expect(grouped(written)).toBe(JSON.stringify(value));
});

test("a rate is a count in a span of time", () => {
  expect(grouped("60/min")).toBe('{"count":60,"perMs":60000}');
  expect(grouped("1/s")).toBe('{"count":1,"perMs":1000}');
});

test("nodes cover their text", () => {
  const text = "let a = b.c(d: 1)[2] ?? [3]";
  const [declaration] = parse("f", text).tree.declarations;
  const value = declaration?.kind === "let" ? declaration.value : null;
  expect(value).toMatchObject({ start: 8, end: text.length, operatorAt: { start: 21, end: 23 } });
  expect(value?.kind === "binary" && text.slice(value.left.start, value.left.end)).toBe(
    "b.c(d: 1)[2]",
  );
});

test("a range has two ends", () => {
  const { diagnostics } = parse("f", "let a = 1..2..3");
  expect(diagnostics.map(({ code, span }) => [code, span.start])).toEqual([["AF1002", 12]]);
});
