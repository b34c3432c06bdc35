import { expect, test } from "vitest";

import { cosine, packVector } from "./vector.ts";
import { wordVector } from "./word-vector.ts";

test("packing keeps the direction", () => {
  const long = Array.from({ length: 1_536 }, (_, at) => Math.sin(at) * 0.02);
  const near = long.map((value, at) => value + (at % 5 === 0 ? 0.004 : 0));
  const exact = long.reduce((sum, value, at) => sum + value * (near[at] ?? 0), 0);
  const lengths = Math.hypot(...long) * Math.hypot(...near);
  expect(cosine(packVector(long), packVector(near))).toBeCloseTo(exact / lengths, 3);
  expect(cosine(packVector([3, 4]), packVector([30, 40]))).toBeCloseTo(1, 4);
  expect(cosine(packVector([1, 0]), packVector([0, -1]))).toBeCloseTo(0);
  expect(cosine(packVector([1, 0]), packVector([-2, 0]))).toBeCloseTo(-1);
});

test("what has no direction, or another number of dimensions, is like nothing", () => {
  expect(cosine(packVector([0, 0]), packVector([1, 0]))).toBe(0);
  expect(cosine(packVector([1]), packVector([1, 0]))).toBe(0);
  expect(cosine(packVector([]), packVector([]))).toBe(0);
});

test("texts are as near as they share words", () => {
  const between = (left: string, right: string): number =>
    cosine(packVector(wordVector(left)), packVector(wordVector(right)));
  expect(between("How do I return it?", "how do I return it")).toBeCloseTo(1);
  expect(between("return the parcel today", "return the parcel")).toBeGreaterThan(0.75);
  expect(between("return the parcel", "who won on sunday")).toBeLessThan(0.5);
  expect(between("???", "???")).toBeCloseTo(1);
});
