import { expect, test } from "vitest";

import { Misfortunes, shrink, simulateAll } from "./misfortunes.ts";

function drawn(seed: number, only: ReadonlySet<number> | null, count: number): readonly number[] {
  const misfortunes = new Misfortunes(seed, only);
  for (let at = 0; at < count; at += 1)
    misfortunes.draw(0.3, (random) => ({ what: random.below(100), name: "bad luck" }));
  return [...misfortunes.happened.keys()];
}

test("one that is left out changes none of the others", () => {
  const all = drawn(7, null, 100);
  expect(all.length).toBeGreaterThan(15);
  const some = all.filter((_, index) => index % 3 === 0);
  expect(drawn(7, new Set(some), 100)).toEqual(some);
  expect(drawn(8, null, 100)).not.toEqual(all);
});

test("the fewest that still fail are found", async () => {
  const all = Array.from({ length: 64 }, (_, index) => index);
  const fails = (needed: readonly number[]) => (kept: readonly number[]) =>
    Promise.resolve(needed.every((one) => kept.includes(one)));
  expect(await shrink(all, fails([17]))).toEqual([17]);
  expect(await shrink(all, fails([3, 40, 41]))).toEqual([3, 40, 41]);
  expect(await shrink(all, fails([]))).toEqual([]);
});

test("a failure names its seed and what led to it", async () => {
  const simulate = simulateAll(5, (_seed, misfortunes) => {
    let harm = 0;
    for (let at = 0; at < 60; at += 1)
      harm += misfortunes.draw(0.3, () => ({ what: 1, name: `blow ${at}` })) ?? 0;
    return harm >= 2 ? Promise.reject(new Error("broken")) : Promise.resolve();
  });
  await expect(simulate).rejects.toThrow(
    /^seed \d+: broken\nwith 2 of \d+ misfortunes:\n  \d+: blow \d+\n  \d+: blow \d+$/,
  );
});
