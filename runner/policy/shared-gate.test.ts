import { expect, test } from "vitest";

import type { PermitStore, SharedLimit } from "../ports/permit-store.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import { sharedGate } from "./shared-gate.ts";

const one: SharedLimit = { key: "model m", atOnce: 1, rate: null };

async function scene() {
  const clock = new VirtualClock(1_000);
  const store = new MemoryStore({ now: () => clock.now() });
  await store.beat("me", 1e9);
  const faults: unknown[] = [];
  const order: string[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const gate = (
    holder: string,
    limits: readonly SharedLimit[] = [one],
    permits: PermitStore = store.permits,
  ) => {
    const made = sharedGate({
      holder,
      session: "me",
      limits,
      permits,
      clock,
      onFault: (error) => faults.push(error),
    });
    return { ...made, enter: () => made.enter(() => order.push(holder)) };
  };
  return { clock, store, faults, order, settle, gate };
}

test("who finds no place looks again, longer each time, until somebody has left", async () => {
  const { clock, order, settle, gate } = await scene();
  const [first, second] = [gate("a"), gate("b")];
  first.enter();
  await settle();
  second.enter();
  await settle();
  const times: number[] = [];
  for (let tries = 0; tries < 3; tries += 1) {
    clock.next(Number.POSITIVE_INFINITY);
    times.push(clock.now());
    await settle();
  }
  expect(times).toEqual([1_050, 1_150, 1_350]);
  expect(order).toEqual(["a"]);
  first.leave();
  await settle();
  clock.next(Number.POSITIVE_INFINITY);
  await settle();
  expect(order).toEqual(["a", "b"]);
});

test("who stops waiting leaves no place taken behind", async () => {
  const { order, settle, gate } = await scene();
  const first = gate("a");
  const stop = first.enter();
  // The answer is under way already.
  stop();
  await settle();
  gate("b").enter();
  await settle();
  expect(order).toEqual(["b"]);
});

test("a rate says when to come back", async () => {
  const { clock, order, settle, gate } = await scene();
  const rate: SharedLimit = { key: "t", atOnce: null, rate: { count: 1, perMs: 5_000 } };
  gate("a", [rate]).enter();
  await settle();
  gate("b", [rate]).enter();
  await settle();
  clock.next(Number.POSITIVE_INFINITY);
  await settle();
  // The first may begin up to a twentieth of the window after it was let through.
  expect([clock.now(), order]).toEqual([6_250, ["a", "b"]]);
});

test("a store that can't be asked is asked again", async () => {
  const { clock, store, faults, order, settle, gate } = await scene();
  let down = true;
  const permits: PermitStore = {
    take: (request) => (down ? Promise.reject(new Error("down")) : store.permits.take(request)),
    reserve: store.permits.reserve.bind(store.permits),
    giveBack: (holders) => store.permits.giveBack(holders),
  };
  gate("a", [one], permits).enter();
  await settle();
  down = false;
  clock.next(Number.POSITIVE_INFINITY);
  await settle();
  expect([order, faults.length]).toEqual([["a"], 1]);
});

test("who begins later than he may asks once more, and keeps his place meanwhile", async () => {
  const { clock, store, order, settle, gate } = await scene();
  const rate: SharedLimit = { key: "t", atOnce: 1, rate: { count: 1, perMs: 1_000 } };
  const first = gate("a", [rate]);
  first.enter();
  await settle();
  expect(first.isFresh?.()).toBe(true);
  clock.nowMs += 51;
  expect(first.isFresh?.()).toBe(false);
  first.again?.(() => order.push(`a again at ${clock.now()}`));
  await settle();
  clock.next(Number.POSITIVE_INFINITY);
  await settle();
  expect(order).toEqual(["a", "a again at 2050"]);
  expect(first.isFresh?.()).toBe(true);
  const session = "me";
  const other = { holder: "b", session, limits: [rate] };
  expect(await store.permits.take(other)).toEqual({ granted: false, afterMs: null });
  first.leave();
  await settle();
  // From the latest time at which the first may have begun.
  expect(await store.permits.take(other)).toEqual({ granted: false, afterMs: 1_100 });
});
