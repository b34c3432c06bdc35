import { readdirSync, readFileSync } from "node:fs";

import fc from "fast-check";
import { expect, test } from "vitest";

import { parse } from "../syntax/parse.ts";
import { format, withoutHabits } from "./format.ts";
import { treeOf } from "./tree-of.ts";

const folder = new URL("../../test/programs/", import.meta.url);
const texts = readdirSync(folder, { encoding: "utf8" })
  .filter((file) => file.endsWith(".agentflow"))
  .map((file) => readFileSync(new URL(file, folder), "utf8"));

/** What people type by habit or by accident. */
const slips = [
  ";",
  ",",
  "await ",
  "async ",
  "const x = 1",
  "return a",
  "'a'",
  "`a${b}`",
  "=== 1",
  "export ",
  "undefined",
  "enum E { A, B }",
  "interface I { a: string }",
  "{",
  ")",
  '"',
  '"""',
  "// c\n",
  "/// d\n",
  "# e\n",
  "/* f */",
  "$",
  "${",
  "🙂",
  "\r\n",
  "\u0000",
];

const damaged = fc
  .record({
    text: fc.constantFrom(...texts),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(3),
    slip: fc.constantFrom(...slips),
  })
  .map(({ text, at, remove, slip }) => {
    const tokens = parse("a", text).tokens;
    const index = Math.floor(at * tokens.length);
    const start = tokens[index]?.start ?? text.length;
    const end = remove === 0 ? start : (tokens[index + remove - 1]?.end ?? text.length);
    return `${text.slice(0, start)} ${slip} ${text.slice(end)}`;
  });

test("property: a damaged program is formatted with its tree kept, or left alone", () => {
  let formatted = 0;
  fc.assert(
    fc.property(damaged, (text) => {
      const result = parse("a", text);
      const canonical = format(result);
      if (canonical === null) {
        expect(result.diagnostics.some(({ severity }) => severity === "error")).toBe(true);
        return;
      }
      formatted += 1;
      const meant = withoutHabits(result);
      const after = parse("a", canonical);
      expect(meant).not.toBeNull();
      if (meant !== null) expect(treeOf(after)).toEqual(treeOf(meant));
      expect(format(after)).toBe(canonical);
    }),
    { numRuns: 250 },
  );
  expect(formatted).toBeGreaterThan(5);
});

test("property: a file whose only errors are habits is always formatted, and means the same after", () => {
  fc.assert(
    fc.property(damaged, (text) => {
      const result = parse("a", text);
      const same = result.formattable ? parse("a", format(result) ?? "") : result;
      expect(treeOf(same)).toEqual(treeOf(result));
    }),
    { numRuns: 250 },
  );
});

test("property: any characters whatever", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const canonical = format(parse("a", text));
      expect(canonical === null ? null : format(parse("a", canonical))).toBe(canonical);
    }),
  );
});

test("a comment above a name without its keyword documents it", () => {
  const result = parse("a", "/// d\nguarded = { timeout: 30s }\n");
  expect(result.diagnostics.map(({ code }) => code)).toEqual(["AF1017"]);
  expect(format(result)).toBe("/// d\nlet guarded = { timeout: 30s }\n");
});
