import { expect, test } from "vitest";

import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import { Places } from "./places.ts";

/** What has come of a promise so far. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  void promise.then(() => (over = true));
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  return over;
}

test("a place that becomes free goes to who waits for it, and is else shown to one who looks", async () => {
  const places = new Places(2, new VirtualClock(0));
  expect([places.take(), places.take(), places.take()]).toEqual([true, true, false]);
  const waiting = places.wait(null);
  const looks = [places.look(), places.look()].map(({ seen }) => seen);
  places.leave();
  expect(await waiting).toBe(true);
  expect(await Promise.all(looks.map(isOver))).toEqual([false, false]);
  places.leave();
  expect(await Promise.all(looks.map(isOver))).toEqual([true, false]);
  places.leave();
  expect(await Promise.all(looks.map(isOver))).toEqual([true, true]);
});

test("who has stopped looking does not take the sight of a place from others, and is not kept", async () => {
  const places = new Places(1, new VirtualClock(0));
  places.take();
  for (let count = 0; count < 100; count += 1) places.look().stop();
  const { seen } = places.look();
  places.leave();
  expect(await isOver(seen)).toBe(true);
});
