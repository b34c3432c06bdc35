import fc from "fast-check";
import { expect, test } from "vitest";

import { formatDuration, formatElapsed, parseDuration } from "./duration.ts";

test("every unit is read as milliseconds", () => {
  expect(["200ms", "10s", "5m", "8h", "3d"].map(parseDuration)).toEqual([
    200, 10_000, 300_000, 28_800_000, 259_200_000,
  ]);
  expect(parseDuration("-90m")).toBe(-5_400_000);
  expect(parseDuration("-0s")).toBe(0);
});

test("anything else is no duration", () => {
  for (const text of [
    "",
    "5",
    "m",
    "1.5h",
    "5 m",
    "5M",
    "1h30m",
    "5m ",
    "1w",
    "9007199254740993ms",
  ]) {
    expect(parseDuration(text), text).toBeUndefined();
  }
});

test("printing takes the largest unit that is exact", () => {
  expect(
    [0, 1, 999, 1_000, 1_500, 60_000, 5_400_000, 86_400_000, 90_000_000].map(formatDuration),
  ).toEqual(["0s", "1ms", "999ms", "1s", "1500ms", "1m", "90m", "1d", "25h"]);
  expect(formatDuration(-5_400_000)).toBe("-90m");
});

test("property: what was printed is read back", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
    }),
  );
});

test("a measured time is short at every scale", () => {
  const measured = [-3, 0.4, 8, 999.4, 1_440, 9_949, 9_951, 59_400, 59_600, 185_000, 3_599_600];
  expect(measured.map(formatElapsed)).toEqual([
    "0ms",
    "0ms",
    "8ms",
    "999ms",
    "1.4s",
    "9.9s",
    "10s",
    "59s",
    "1m 00s",
    "3m 05s",
    "1h 00m",
  ]);
  expect(formatElapsed(7_800_000)).toBe("2h 10m");
  expect(formatElapsed(273_600_000)).toBe("3d 4h");
});
