import { expect, test } from "vitest";

import { applyEdits, applyFixes } from "./apply-fixes.ts";
import type { Diagnostic, Edit, Fix } from "./diagnostic.ts";

const sources = new Map([
  ["a", "0123456789"],
  ["b", "abc"],
]);

test("all fixes that do not touch each other are applied, in any order and to several files", () => {
  const both = fix([edit("a", 8, 9, "X"), edit("b", 0, 0, ">")]);
  const { changed, applied } = applyFixes(
    [diagnose(both), diagnose(fix([edit("a", 1, 3, "")]))],
    sources,
  );
  expect([...changed]).toEqual([
    ["a", "034567X9"],
    ["b", ">abc"],
  ]);
  expect(applied).toHaveLength(2);
});

test("a fix that meets another waits as a whole", () => {
  const first = fix([edit("a", 1, 4, "-")]);
  const second = fix([edit("a", 3, 5, "+"), edit("b", 0, 1, "+")]);
  const same = fix([edit("a", 1, 1, "?")]);
  const { changed, postponed } = applyFixes([first, second, same].map(diagnose), sources);
  expect([...changed]).toEqual([["a", "0-456789"]]);
  expect(postponed).toEqual([second, same]);
});

test("neighbours do not meet", () => {
  const fixes = [fix([edit("a", 0, 2, "x")]), fix([edit("a", 2, 4, "y")])];
  expect(applyFixes(fixes.map(diagnose), sources).changed.get("a")).toBe("xy456789");
});

test("only the first safe fix of a diagnostic is applied", () => {
  const unsafe = fix([edit("a", 0, 1, "u")], false);
  const diagnostic = {
    ...diagnose(unsafe),
    fixes: [unsafe, fix([edit("a", 1, 2, "s")]), fix([edit("a", 5, 6, "t")])],
  };
  expect(applyFixes([diagnostic], sources).changed.get("a")).toBe("0s23456789");
  expect(applyFixes([diagnose(unsafe)], sources).changed.size).toBe(0);
});

test("edits outside the text, or of an unknown file, are not applied", () => {
  const outside = [edit("a", 5, 11, ""), edit("a", 3, 2, ""), edit("c", 0, 0, "x")];
  expect(
    applyFixes(
      outside.map((one) => diagnose(fix([one]))),
      sources,
    ).changed.size,
  ).toBe(0);
});

test("a hundred thousand fixes take no longer than they should", () => {
  const text = ";".repeat(100_000);
  const each = Array.from(text, (_, index) => diagnose(fix([edit("long", index, index + 1, "")])));
  const { changed } = applyFixes(each.reverse(), new Map([["long", text]]));
  expect(changed.get("long")).toBe("");
});

test("edits count in the old text", () => {
  expect(applyEdits("abc", [edit("x", 2, 3, "C!"), edit("x", 0, 1, "A!")])).toBe("A!bC!");
});

function edit(file: string, start: number, end: number, text: string): Edit {
  return { span: { file, start, end }, text };
}

function fix(edits: readonly Edit[], safe = true): Fix {
  return { title: "fix", edits, safe };
}

function diagnose(one: Fix): Diagnostic {
  const span = { file: "a", start: 0, end: 0 };
  return { code: "AF1010", severity: "error", message: "message", span, fixes: [one] };
}
