import { expect, test } from "vitest";

import { allSteps } from "./all-steps.ts";

test("goes on to the end and gives what came out", () => {
  const seen: number[] = [];
  function* count(): Generator<void, number> {
    for (let at = 0; at < 3; at += 1) {
      seen.push(at);
      yield;
    }
    return seen.length;
  }
  expect(allSteps(count())).toBe(3);
});
