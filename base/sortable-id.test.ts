import fc from "fast-check";
import { expect, test } from "vitest";

import { sortableIds, timeOfId } from "./sortable-id.ts";

const zeros = (count: number): Uint8Array => new Uint8Array(count);

test("an id is time, then randomness, 26 characters that can be read aloud", () => {
  const next = sortableIds({
    now: () => 1_763_718_000_000,
    randomBytes: (count) => zeros(count).fill(255),
  });
  expect(next()).toBe("01kajwhvc0zzzzzzzzzzzzzzzz");
  expect(next()).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
});

test("within a millisecond, and when the clock steps back, ids count up", () => {
  const times = [5, 5, 3, 6];
  const next = sortableIds({ now: () => times.shift() ?? 6, randomBytes: zeros });
  expect([next(), next(), next(), next()]).toEqual([
    "00000000050000000000000000",
    "00000000050000000000000001",
    "00000000050000000000000002",
    "00000000060000000000000000",
  ]);
});

test("a full counter moves to the next millisecond", () => {
  const next = sortableIds({ now: () => 1, randomBytes: (count) => zeros(count).fill(31) });
  expect([next(), next()]).toEqual(["0000000001zzzzzzzzzzzzzzzz", "00000000020000000000000000"]);
});

test("property: ids of one source are strictly increasing whatever the clock does", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: 2 }), fc.nat(255), (times, byte) => {
      const queue = [...times];
      const next = sortableIds({
        now: () => queue.shift() ?? 0,
        randomBytes: (count) => zeros(count).fill(byte),
      });
      const ids = times.map(() => next());
      expect(ids).toEqual([...new Set(ids)].sort());
    }),
  );
});

test("the time can be read back, and other text has none", () => {
  const next = sortableIds({ now: () => 1_763_718_000_123, randomBytes: zeros });
  expect(timeOfId(next())).toBe(1_763_718_000_123);
  for (const text of ["", "run-1", "u".repeat(26), "z".repeat(26)]) {
    expect(timeOfId(text), text).toBeUndefined();
  }
});

test("a broken clock or source stops at once", () => {
  expect(() => sortableIds({ now: () => Number.NaN, randomBytes: zeros })()).toThrow(
    "the clock says NaN",
  );
  expect(() => sortableIds({ now: () => 0, randomBytes: () => zeros(3) })()).toThrow(
    "wrong length",
  );
});
