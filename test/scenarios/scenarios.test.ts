// What the language says of running programs, said again as programs that test themselves: one file for each theme.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { compile, format, parse } from "../../compiler/index.ts";
import { runTest } from "../../testing/index.ts";

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".agentflow"));

describe.each(files)("%s", (file) => {
  const text = readFileSync(join(import.meta.dirname, file), "utf8");
  const { diagnostics, tests } = compile({ read: () => text }, file);

  test("is right and in canonical form", () => {
    expect(diagnostics).toEqual([]);
    expect(format(parse(file, text))).toBe(text);
    expect(tests.length).toBeGreaterThan(9);
  });

  test.each(tests.map((plan) => [plan.title, plan] as const))("%s", (_, plan) => {
    expect(runTest(plan).failures).toEqual([]);
  });
});
