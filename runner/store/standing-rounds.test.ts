import { expect, test } from "vitest";

import { standingAtOnce, StandingRounds } from "./standing-rounds.ts";

test("looks at some of very many in turn, and tells what it found until it has a reason", async () => {
  const all = standingAtOnce * 2 + 10;
  const lone = new Set([3, standingAtOnce + 5, all]);
  const ranges: number[] = [];
  const rounds = new StandingRounds({
    after(n, limit) {
      ranges.push(n);
      const last = Math.min(all, n + limit);
      const unexplained = [...lone].filter((run) => run > n && run <= last).map(String);
      return Promise.resolve({ seen: last - n, last, unexplained });
    },
    among: (runs) => Promise.resolve(runs.filter((run) => lone.has(Number(run)))),
  });
  expect(await rounds.next(10)).toEqual(["3"]);
  expect(await rounds.next(10)).toEqual(["3", String(standingAtOnce + 5)]);
  lone.delete(3);
  expect(await rounds.next(10)).toEqual([String(standingAtOnce + 5), String(all)]);
  expect(await rounds.next(1)).toEqual([String(standingAtOnce + 5)]);
  expect(ranges).toEqual([0, standingAtOnce, 2 * standingAtOnce, 0]);
});
