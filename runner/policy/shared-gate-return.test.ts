import { expect, test } from "vitest";

import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import type { PermitStore, SharedLimit } from "../ports/permit-store.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { sharedGate } from "./shared-gate.ts";

const one: SharedLimit = { key: "model m", atOnce: 1, rate: null };
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** One caller, whose store can be out of reach before it has heard, or after. */
async function scene() {
  const clock = new VirtualClock(1_000);
  const store = new MemoryStore({ now: () => clock.now() });
  await store.beat("me", 1e9);
  const broken = { take: false, giveBack: false };
  const unless = async <T>(isBroken: boolean, work: Promise<T>): Promise<T> => {
    const done = await work;
    if (isBroken) throw new Error("the answer was lost");
    return done;
  };
  const permits: PermitStore = {
    take: (request) => unless(broken.take, store.permits.take(request)),
    reserve: (key, rate) => store.permits.reserve(key, rate),
    giveBack: (holders) =>
      broken.giveBack
        ? Promise.reject(new Error("the store is away"))
        : store.permits.giveBack(holders),
  };
  const caller = { holder: "a", session: "me", limits: [one], permits, clock, onFault: () => {} };
  const isFree = async (): Promise<boolean> =>
    (await store.permits.take({ holder: "b", session: "me", limits: [one] })).granted;
  return { clock, broken, gate: sharedGate(caller), isFree };
}

test("a place that could not be given back is given back later", async () => {
  const { clock, broken, gate, isFree } = await scene();
  gate.enter(() => {});
  await settle();
  broken.giveBack = true;
  gate.leave();
  await settle();
  expect(await isFree()).toBe(false);
  broken.giveBack = false;
  clock.next(Number.POSITIVE_INFINITY);
  await settle();
  expect(await isFree()).toBe(true);
});

test("a place that was taken, although nobody heard of it, is given back by who does not want it any more", async () => {
  const { broken, gate, isFree } = await scene();
  broken.take = true;
  const stop = gate.enter(() => {});
  stop();
  await settle();
  expect(await isFree()).toBe(true);
});
