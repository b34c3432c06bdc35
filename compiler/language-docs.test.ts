import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { check } from "./compile.ts";
import { renderText } from "./diagnostics/render-text.ts";
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

test.each(snippets)("the program at line $line is accepted, and in canonical form", ({ text }) => {
  const { diagnostics, sources } = check(
    { read: (path) => (path === "main.agentflow" ? text : null) },
    ["main.agentflow"],
  );
  expect(renderText(diagnostics, sources, { color: false })).toBe("");
  expect(format(parse("main.agentflow", text))).toBe(text);
});
