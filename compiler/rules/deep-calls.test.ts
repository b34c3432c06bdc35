import { expect, test } from "vitest";

import { findings } from "./fixtures/findings.ts";

const chain = (levels: number): string =>
  [
    `tool look(n: int) -> int { http: "GET https://a.example/look" }`,
    ...Array.from(
      { length: levels },
      (_, index) => `flow f${index}(n: int) -> int {
  step s = ${index === 0 ? "look" : `f${index - 1}`}(n)
  output: s
}`,
    ),
  ].join("\n");

test("calls are followed over 200 levels, and one fault says where there are more", () => {
  expect(findings(chain(200))).toEqual([]);
  expect(findings(chain(6000))).toEqual([
    "AF4008 f199: calls are nested more than 200 levels deep behind `f200`",
  ]);
});
