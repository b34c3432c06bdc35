import fc from "fast-check";
import { expect, test } from "vitest";

import { canonicalJson, NotJsonError } from "./canonical-json.ts";

test("keys are sorted by UTF-16 code units at every level", () => {
  expect(canonicalJson({ b: 1, a: [{ d: null, c: true }], "10": "x", "9": "y" })).toBe(
    '{"10":"x","9":"y","a":[{"c":true,"d":null}],"b":1}',
  );
  expect(canonicalJson({ "\u{1F600}": 1, "\uFB33": 2 })).toBe('{"\u{1F600}":1,"\uFB33":2}');
});

test("numbers print as ECMAScript prints them and minus zero is zero", () => {
  expect(canonicalJson([1e21, 0.1, -0, 1e-7, 100])).toBe("[1e+21,0.1,0,1e-7,100]");
});

test("text survives, lone surrogates included", () => {
  for (const text of ['"\\\n', "\u2028", "\ud800", "\u{1F600}"]) {
    expect(JSON.parse(canonicalJson(text))).toBe(text);
  }
});

test("what JSON would silently drop or change is refused, with its place", () => {
  const refused: [unknown, string][] = [
    [undefined, "undefined at $ has no canonical JSON"],
    [{ a: [1, { "b c": Number.NaN }] }, 'NaN at $.a[1]["b c"] has no canonical JSON'],
    [{ a: undefined }, "undefined at $.a has no canonical JSON"],
    [[Infinity], "Infinity at $[0] has no canonical JSON"],
    [Array(1), "undefined at $[0] has no canonical JSON"],
    [{ f: () => 1 }, "function at $.f has no canonical JSON"],
    [new Date(0), "a Date at $ has no canonical JSON"],
    [new Map(), "a Map at $ has no canonical JSON"],
    [1n, "bigint at $ has no canonical JSON"],
    [Symbol("s"), "symbol at $ has no canonical JSON"],
  ];
  for (const [value, message] of refused) {
    expect(() => canonicalJson(value)).toThrow(message);
    expect(() => canonicalJson(value)).toThrow(NotJsonError);
  }
});

test("a cycle and an absurd depth are refused instead of exhausting the stack", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  expect(() => canonicalJson(cycle)).toThrow(NotJsonError);
  expect(() => canonicalJson(JSON.parse("[".repeat(100_000) + "]".repeat(100_000)))).toThrow(
    NotJsonError,
  );
});

test("records without a prototype are records", () => {
  expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
});

test("property: the text is JSON for the same value, and does not depend on key order", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(reversed(value))).toBe(text);
    }),
  );
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, child]) => [key, reversed(child)]));
}
