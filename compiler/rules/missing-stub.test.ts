import { expect, test } from "vitest";

import { declarations, diagnose, findings } from "./fixtures/findings.ts";

const program = (stubs: string): string => `${declarations}
flow main(text: string) -> string {
  step a = write(text)
  step b = look(a)
  output: b
}
test "it works" {
  ${stubs}
  step result = main("x")
  expect result == "y"
}
`;

test("every reachable agent and tool has an answer", () => {
  expect(findings(program('stub: { write: "x" }'))).toEqual([
    'AF8004 { write: "x" }: `look` has no answer in this test',
  ]);
  expect(findings(program(""))).toEqual([
    'AF8004 "it works": `look` and `write` have no answer in this test',
  ]);
  expect(findings(program('stub: { write: "x", look: "y" }'))).toEqual([]);
  expect(findings(program('replay: "run.json"'))).toEqual([]);
});

test("the fix adds answers that fit", () => {
  expect(diagnose(program(""))[0]?.fixes?.[0]?.edits[0]?.text).toContain('write: "text"');
});
