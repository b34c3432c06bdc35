import { expect, test } from "vitest";

import { findings } from "./fixtures/findings.ts";

const program = (stub: string): string => `
type Sentiment { mood: "good" | "bad", score: float(0..1), note: string? }
tool rate(text: string) -> Sentiment { http: "GET https://a.example/rate" }
flow main(text: string) -> Sentiment {
  step a = rate(text)
  output: a
}
let good = { mood: "good", score: 0.5 }
test "it works" {
  stub: { rate: ${stub} }
  step result = main("x")
  expect result.mood == "good"
}
`;

test("answers that fit", () => {
  for (const fine of [
    "good",
    '{ mood: "good", score: 1 }',
    '{ mood: "good", score: 1, note: "x" }',
    'sequence([good, fail("timeout"), { mood: "bad", score: 0.5 }])',
    "costs($0.10, value: good)",
    "slow(5s, value: good)",
    'fail("timeout")',
  ])
    expect(findings(program(fine)).filter((line) => !line.startsWith("AF9001"))).toEqual([]);
});

test("answers that do not", () => {
  expect(findings(program('"good"'))).toEqual([
    'AF8003 "good": the stub of `rate` must be a `Sentiment`, as `rate` returns it',
  ]);
  expect(findings(program('{ mood: "sad", score: 1 }')).map((line) => line.split(":")[0])).toEqual([
    'AF8003 "sad"',
  ]);
  expect(
    findings(program('{ mood: "good", score: 2.0 }')).map((line) => line.split(":")[0]),
  ).toEqual(["AF8003 2.0"]);
  expect(findings(program("{ score: 1 }"))).toEqual([
    "AF8003 { score: 1 }: the stub of `rate` lacks the field `mood`",
  ]);
  expect(findings(program('sequence([good, "x"])')).map((line) => line.split(":")[0])).toEqual([
    'AF8003 "x"',
  ]);
});
