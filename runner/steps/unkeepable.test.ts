import { expect, test } from "vitest";

import { allSteps } from "../../base/all-steps.ts";
import type { Json } from "../../plan/expression.ts";
import { isLargerSteps, unkeepable } from "./unkeepable.ts";

test("what is nested without end or not finite is not kept, all else is", () => {
  const nested = (depth: number): Json => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as Json;
  expect(unkeepable(nested(100_000))).toContain("nested more than 500 deep");
  expect(unkeepable({ a: [1, JSON.parse("1e999") as Json] })).toContain("too large");
  expect(unkeepable(nested(400))).toBeNull();
  expect(unkeepable({ a: [1, "x", null, true, { b: -1e300 }] })).toBeNull();
});

test("limits how large a value may be", () => {
  const large = { pages: ["x".repeat(600), "y".repeat(600)] };
  expect(unkeepable(large, 1_000)).toBe("answered more than 1000 bytes");
  expect(unkeepable(large, 2_000)).toBeNull();
  const isLarger = (bytes: number): boolean => allSteps(isLargerSteps(large, bytes));
  expect([isLarger(1_000), isLarger(2_000)]).toEqual([true, false]);
});
