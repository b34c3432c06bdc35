import { expect, test } from "vitest";

import { declarations, findings } from "./fixtures/findings.ts";

test("flows that call themselves, directly or through others", () => {
  expect(
    findings("flow a(text: string) -> string {\n  step x = a(text)\n  output: x\n}\n"),
  ).toEqual(["AF4008 a: the flow `a` calls itself"]);
  const text =
    "flow a(text: string) -> string {\n  step x = b(text)\n  output: x\n}\nflow b(text: string) -> string {\n  step x = a(text)\n  output: x\n}\n";
  expect(findings(text)).toEqual(["AF4008 a: `a` calls itself through others: a -> b -> a"]);
});

test("a circle across files is told once", () => {
  const main =
    'import { b } from "./other"\n\nflow a(text: string) -> string {\n  step x = b(text)\n  output: x\n}\n';
  const other =
    'import { a } from "./main"\n\nflow b(text: string) -> string {\n  step x = a(text)\n  output: x\n}\n';
  expect(findings(main, { "other.agentflow": other })).toHaveLength(1);
});

test("agents that have each other as tools", () => {
  const text = `${declarations}
agent one(text: string) -> string { model: fast, prompt: "\${text}", tools: [two] }
agent two(text: string) -> string { model: fast, prompt: "\${text}", tools: [one] }
`;
  expect(findings(text)).toEqual([
    "AF4008 one: `one` calls itself through others: one -> two -> one",
  ]);
});

test("starting over in a new run is no recursion", () => {
  expect(findings("flow a(text: string) {\n  step x = continue(text) { maxRuns: 5 }\n}\n")).toEqual(
    [],
  );
});
