import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";

import { mostDiagnostics } from "./diagnostic-list.ts";
import { nestingLimit } from "./grammar-base.ts";
import { parse } from "./parse.ts";
import type { ParseResult } from "./parse-result.ts";
import { plainTree } from "./plain-tree.ts";
import { tokenTable } from "./tokens.ts";

/** Any text whatever gives a tree and diagnostics that lie inside the text. */

const folder = join(import.meta.dirname, "../../test/programs");
const texts = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".agentflow"))
  .map((file) => readFileSync(join(folder, file), "utf8"));

function checked(text: string): ParseResult {
  const result = parse("f", text);
  expect(result.tree).toMatchObject({ kind: "file", start: 0, end: text.length });
  expect(result.diagnostics.length).toBeLessThanOrEqual(mostDiagnostics + 1);
  let last = 0;
  for (const { span, message, help = "", related = [], fixes = [] } of result.diagnostics) {
    expect(span.start).toBeGreaterThanOrEqual(last);
    last = span.start;
    const spans = [
      span,
      ...related.map((label) => label.span),
      ...fixes.flatMap(({ edits }) => edits.map((edit) => edit.span)),
    ];
    for (const { start, end } of spans) {
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(end).toBeLessThanOrEqual(text.length);
    }
    const prose = `${message} ${help}`.replace(/`[^`]*`/g, "");
    expect(prose).not.toMatch(/expecting|redundant|\btoken\b|-->|undefined|NaN|\[object/i);
  }
  return result;
}

test("any part of a program", () => {
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat(), (text, from, length) => {
      const start = from % text.length;
      checked(text.slice(start, start + (length % text.length)));
    }),
    { numRuns: 100 },
  );
});

test("any mixture of tokens", () => {
  const spellings = tokenTable.flatMap(({ spelling }) => (spelling === null ? [] : [spelling]));
  const pieces = [
    ...spellings,
    "a",
    "b",
    "7",
    "5s",
    '"t"',
    '"${a}"',
    "\n",
    "\n  ",
    "// c\n",
    "/// d\n",
    '"',
    "'",
    '"""',
    "@",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (parts) => {
      checked(parts.join(" "));
    }),
    { numRuns: 400 },
  );
});

test("any string", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      checked(text);
    }),
    { numRuns: 500 },
  );
});

test("several tokens of a program exchanged", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 5 }),
      (text, swaps) => {
        const words = parse("f", text).tokens.map(({ start, end }) => text.slice(start, end));
        for (const [a, b] of swaps) words[a % words.length] = words[b % words.length] ?? "";
        checked(words.join(" "));
      },
    ),
    { numRuns: 100 },
  );
});

test("parsing twice gives the same", () => {
  for (const text of texts) {
    const broken = text.slice(0, text.length / 2) + text.slice(text.length / 2 + 7);
    expect(parse("f", broken)).toEqual(parse("f", broken));
    expect(plainTree(parse("f", text).tree)).toEqual(plainTree(parse("f", text).tree));
  }
});

const levels = 10_000;
test.each([
  ["parentheses", `let x = ${"(".repeat(levels)}1${")".repeat(levels)}`],
  ["brackets", `let x = ${"[".repeat(levels)}1${"]".repeat(levels)}`],
  ["records", `let x = ${"{a:".repeat(levels)}1${"}".repeat(levels)}`],
  ["open parentheses", `let x = ${"(".repeat(levels)}`],
  ["blocks", `flow f() {${"step a = if b {".repeat(levels)}${"}".repeat(levels)}}`],
  ["open blocks", `flow f() {${"step a = if b {".repeat(levels)}`],
  ["else if", `flow f() { step a = ${"if b { } else ".repeat(levels)}{ } }`],
  ["conditions", `let x = ${"a ? b : ".repeat(levels)}1`],
  ["inner conditions", `let x = ${"a ? ".repeat(levels)}1${" : 2".repeat(levels)}`],
  ["sums", `let x = ${"1 + ".repeat(levels)}1`],
  ["signs", `let x = ${"-".repeat(levels)}1`],
  ["fields", `let x = a${".b".repeat(levels)}`],
  ["calls", `let x = a${"()".repeat(levels)}`],
  ["arguments", `let x = ${"a(".repeat(levels)}${")".repeat(levels)}`],
  ["lambdas", `let x = a${".map(x => a".repeat(levels)}${")".repeat(levels)}`],
  ["types", `type X = ${"A<".repeat(levels)}B${">".repeat(levels)}`],
  ["lists of types", `type X = A${"[]".repeat(levels)}`],
  ["labels", `type X = ${"trusted ".repeat(levels)}A`],
  ["shapes", `type X = ${"{a:".repeat(levels)}int${"}".repeat(levels)}`],
  ["matches", `flow f() {${'step a = match b { "a" => {'.repeat(levels)}${"} }".repeat(levels)}}`],
])("%s, ten thousand levels deep, are one error", (_, text) => {
  const { diagnostics } = checked(`${text}\nlet next = 1\n`);
  expect(diagnostics).toHaveLength(1);
});

test("nesting that people write is far from the limit", () => {
  const depth = nestingLimit - 10;
  const text = `let x = ${"(".repeat(depth)}1${")".repeat(depth)}`;
  expect(parse("f", text).diagnostics).toEqual([]);
});

test("ten megabytes that are no program", () => {
  const size = 10_000_000;
  const bytes = new Uint8Array(size);
  let seed = 7;
  for (let index = 0; index < size; index += 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    bytes[index] = seed >>> 16;
  }
  const { diagnostics, formattable } = parse("f", new TextDecoder("latin1").decode(bytes));
  expect(diagnostics.length).toBeGreaterThan(0);
  expect(diagnostics.length).toBeLessThanOrEqual(mostDiagnostics + 1);
  expect(formattable).toBe(false);
});

test.each([
  ["one long line of keywords", "flow ".repeat(20_000)],
  ["open brackets", "{".repeat(200_000)],
  ["values without end", "${".repeat(200_000)],
  ["quotes", '"""'.repeat(100_000)],
  ["bad escapes", `let a = "${"\\q".repeat(100_000)}"`],
  ["a block that is never closed", `flow f() {\n${"  step a = b(c\n".repeat(20_000)}`],
  ["lines that lack a value", "let a =\n".repeat(20_000)],
])("%s end in time", (_, text) => {
  const start = performance.now();
  checked(text);
  expect(performance.now() - start).toBeLessThan(15_000);
});
