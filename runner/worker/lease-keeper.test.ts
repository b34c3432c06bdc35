import { expect, test } from "vitest";

import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import { StoreError } from "../ports/store-error.ts";
import { LeaseKeeper } from "./lease-keeper.ts";

const startMs = 1_000_000;

function scene() {
  const clock = new VirtualClock(startMs);
  const asked: number[] = [];
  const lost: number[] = [];
  const regained: number[] = [];
  const cut = { isAway: false };
  const keeper = new LeaseKeeper({
    clock,
    session: "me",
    store: {
      beat() {
        asked.push(clock.now() - startMs);
        return cut.isAway
          ? Promise.reject(new StoreError("unreachable", "no connection"))
          : Promise.resolve();
      },
    },
    onLost: () => lost.push(clock.now() - startMs),
    onRegained: () => regained.push(clock.now() - startMs),
  });
  const until = (ms: number): Promise<void> => clock.pass(startMs + ms);
  return { keeper, cut, asked, lost, regained, until };
}

test("a renewal that was refused is asked for once more before the lease is given up", async () => {
  const { keeper, cut, asked, lost, until } = scene();
  await keeper.beat();
  await until(3_000);
  cut.isAway = true;
  await expect(keeper.beat()).rejects.toThrow("no connection");
  cut.isAway = false;
  await until(10_000);
  expect(asked.slice(0, 3)).toEqual([0, 3_000, 5_500]);
  expect([lost, keeper.isLost]).toEqual([[], false]);
  keeper.stop();
});

test("a lease that can't be renewed is given up two seconds before it ends", async () => {
  const { keeper, cut, asked, lost, until } = scene();
  await keeper.beat();
  cut.isAway = true;
  await until(10_000);
  expect([asked, lost, keeper.isLost]).toEqual([[0, 5_500], [7_000], true]);
  keeper.stop();
});

test("a lease that was lost is regained with the first answer, whoever has asked", async () => {
  const { keeper, cut, lost, regained, until } = scene();
  await keeper.beat();
  cut.isAway = true;
  await until(10_000);
  await expect(keeper.beat()).rejects.toThrow("no connection");
  expect([lost, regained]).toEqual([[7_000], []]);
  cut.isAway = false;
  await keeper.beat();
  await keeper.beat();
  expect([keeper.isLost, regained]).toEqual([false, [10_000]]);
  keeper.stop();
});
