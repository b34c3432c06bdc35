import fc from "fast-check";
import { expect, test } from "vitest";

import type { Clock } from "../ports/clock.ts";
import { createGate } from "./gate.ts";

/** A clock that is moved by hand. */
function handClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  let timers: { readonly at: number; readonly callback: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now,
    after(delayMs, callback) {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > until) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.callback();
      }
      now = until;
    },
  };
}

test("without limits everybody goes at once", () => {
  const gate = createGate({}, handClock());
  let gone = 0;
  for (let index = 0; index < 100; index += 1) gate.enter(() => (gone += 1));
  expect(gone).toBe(100);
});

test("concurrency: the next goes when one leaves, in order, and one that gave up is skipped", () => {
  const gate = createGate({ concurrency: 1 }, handClock());
  const order: string[] = [];
  gate.enter(() => order.push("a"));
  const stop = gate.enter(() => order.push("b"));
  gate.enter(() => order.push("c"));
  expect([order, gate.waiting, gate.inside]).toEqual([["a"], 2, 1]);
  stop();
  gate.leave();
  expect(order).toEqual(["a", "c"]);
  gate.leave();
  expect(gate.inside).toBe(0);
});

test("property: no window ever holds more entries than the rate allows, and all get through", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.nat(30), { minLength: 1, maxLength: 40 }),
      (count, perMs, pauses) => {
        const clock = handClock();
        const gate = createGate({ rate: { count, perMs } }, clock);
        const times: number[] = [];
        for (const pause of pauses) {
          clock.advance(pause);
          gate.enter(() => {
            times.push(clock.now());
            gate.leave();
          });
        }
        clock.advance(pauses.length * perMs);
        expect(times.length).toBe(pauses.length);
        times.forEach((time, index) => {
          const before = times[index - count];
          if (before !== undefined) expect(time - before).toBeGreaterThanOrEqual(perMs);
        });
      },
    ),
  );
});
