import fc from "fast-check";
import { expect, test } from "vitest";

import { LineMap } from "./line-map.ts";

test("lines end with any of the three line breaks", () => {
  const map = new LineMap("a\nbc\r\nd\re");
  expect(map.lineCount).toBe(4);
  expect([0, 1, 2, 5, 6, 7, 8].map((offset) => map.positionAt(offset))).toEqual([
    { line: 0, column: 0 },
    { line: 0, column: 1 },
    { line: 1, column: 0 },
    { line: 1, column: 3 },
    { line: 2, column: 0 },
    { line: 2, column: 1 },
    { line: 3, column: 0 },
  ]);
});

test("places outside the text count as its nearest end", () => {
  const map = new LineMap("ab\nc");
  expect(map.positionAt(-5)).toEqual({ line: 0, column: 0 });
  expect(map.positionAt(99)).toEqual({ line: 1, column: 1 });
  expect(map.offsetAt({ line: 9, column: 0 })).toBe(4);
  expect(map.offsetAt({ line: -1, column: 7 })).toBe(0);
  expect(map.offsetAt({ line: 0, column: 99 })).toBe(3);
});

test("there and back again gives the offset", () => {
  const texts = fc
    .array(fc.constantFrom("a", "é", "😀", "\n", "\r", "\r\n"))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, fc.nat(50), (text, offset) => {
      const map = new LineMap(text);
      const inside = Math.min(offset, text.length);
      expect(map.offsetAt(map.positionAt(inside))).toBe(inside);
    }),
  );
});
