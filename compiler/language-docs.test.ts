import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { format } from "./format/format.ts";
import { parse } from "./syntax/parse.ts";

const page = readFileSync(new URL("../docs/language.md", import.meta.url), "utf8");
const snippets = [...page.matchAll(/^```agentflow\n(.*?)^```$/gms)].map((match) => ({
  line: page.slice(0, match.index).split("\n").length,
  text: match[1] ?? "",
}));

test("the page has a program for every lesson", () => {
  const lessons = page.match(/^## \d+\. /gm) ?? [];
  expect(lessons).toHaveLength(11);
  expect(snippets.length).toBeGreaterThanOrEqual(lessons.length);
});

test.each(snippets)("the program at line $line is in canonical form", ({ text }) => {
  const result = parse("main.agentflow", text);
  expect(result.diagnostics).toEqual([]);
  expect(format(result)).toBe(text);
});
