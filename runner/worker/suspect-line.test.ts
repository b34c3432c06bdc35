import { expect, test } from "vitest";

import { SuspectLine, type Suspect } from "./suspect-line.ts";

function scene() {
  const owned: Suspect[] = [];
  const line = new SuspectLine(() => owned);
  return {
    line,
    claim(run: string, crashes = 3): boolean {
      if (!line.mayClaim(run)) return false;
      const suspect = { run, crashes, isSuspect: crashes >= 3 };
      const admitted = line.admits(suspect);
      if (admitted) owned.push(suspect);
      return admitted;
    },
    /** It has got on. */
    clear(run: string) {
      const at = owned.findIndex((suspect) => suspect.run === run);
      owned.splice(at, 1);
      line.cleared();
    },
  };
}

test("the first suspect is taken alone, and twice as many with each that is innocent", () => {
  const { claim, clear, line } = scene();
  expect([claim("a"), claim("b"), claim("c"), claim("d")]).toEqual([true, false, false, false]);
  expect([claim("healthy", 0), line.mayClaim("b"), line.length]).toEqual([true, false, 3]);
  clear("a");
  expect([claim("b"), claim("c"), claim("d")]).toEqual([true, true, false]);
  clear("b");
  clear("c");
  const more = Array.from({ length: 9 }, (_, n) => claim(`e${n}`));
  expect(more.filter((admitted) => admitted)).toHaveLength(8);
});

test("who was caught once more is taken alone, whatever others have shown", () => {
  const { claim, clear } = scene();
  claim("a");
  clear("a");
  expect([claim("b"), claim("again", 4)]).toEqual([true, false]);
  clear("b");
  expect([claim("again", 4), claim("c"), claim("other", 4)]).toEqual([true, false, false]);
  clear("again");
  expect(claim("other", 4)).toBe(true);
});
