import { expect, test } from "vitest";

import { systemClock } from "./system-clock.ts";

function workFor(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

test("callbacks that are due at one instant let others have their turn", async () => {
  const count = 30;
  let called = 0;
  let inThisTurn = 0;
  let most = 0;
  const turn = (): void => {
    inThisTurn = 0;
    if (called < count) setImmediate(turn);
  };
  await new Promise<void>((resolve) => {
    for (let index = 0; index < count; index += 1)
      systemClock.after(1, () => {
        workFor(4);
        called += 1;
        inThisTurn += 1;
        most = Math.max(most, inThisTurn);
        if (called === count) resolve();
      });
    setImmediate(turn);
  });
  // Each takes four milliseconds, so few fit into one turn.
  expect(most).toBeLessThan(5);
  expect(most).toBeGreaterThan(0);
});

test("what is called off while it waits for its turn is not called", async () => {
  const called: number[] = [];
  await new Promise<void>((resolve) => {
    const stops = Array.from({ length: 20 }, (_, index) =>
      systemClock.after(1, () => {
        called.push(index);
        workFor(10);
        if (index > 0) return;
        for (const stop of stops.slice(1, 19)) stop();
        systemClock.after(10, resolve);
      }),
    );
  });
  expect(called).toEqual([0, 19]);
});
