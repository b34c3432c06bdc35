import fc from "fast-check";
import { expect, test } from "vitest";

import { applyEdits } from "../diagnostics/apply-fixes.ts";
import { parse } from "../syntax/parse.ts";
import { formatRange } from "./format-range.ts";
import { format } from "./format.ts";

const text = `let  a = 1
let b = 2

flow f() -> string {
  let  c = 3
  let d   = 4
  output: "x"
}

flow  g() -> string { output: "y" }
let h=5
`;

test("only the lines that were asked for change", () => {
  expect(formattedAt("c = 3")).toBe(text.replace("let  c", "let c").replace("d   =", "d ="));
  expect(formattedAt("let  a")).toBe(text.replace("let  a", "let a"));
  expect(formattedAt("let b")).toBe(text);
});

test("the whole range is the whole file", () => {
  const result = parse("a", text);
  const edits = formatRange(result, { start: 0, end: text.length });
  expect(applyEdits(text, edits)).toBe(format(result));
});

test("a file in canonical form, or with errors, has no edits", () => {
  expect(formatRange(parse("a", "let a = 1\n"), { start: 0, end: 10 })).toEqual([]);
  expect(formatRange(parse("a", "let  a ="), { start: 0, end: 8 })).toEqual([]);
});

test("property: edits of any range are a part of the formatted file's, in order and apart", () => {
  const result = parse("a", text.repeat(3));
  const all = formatRange(result, { start: 0, end: result.text.length });
  fc.assert(
    fc.property(fc.nat(result.text.length), fc.nat(60), (start, length) => {
      for (const edit of formatRange(result, { start, end: start + length })) {
        expect(all).toContainEqual(edit);
        expect(edit.span.start <= start + length && edit.span.end >= start).toBe(true);
      }
    }),
  );
});

function formattedAt(part: string): string {
  const start = text.indexOf(part);
  return applyEdits(text, formatRange(parse("a", text), { start, end: start + part.length }));
}
