import { expect, test } from "vitest";

import { Reconnection } from "./reconnection.ts";

test("all who wait go on when the server has answered, and only one has asked it", async () => {
  let asked = 0;
  let atOnce = 0;
  const reconnection = new Reconnection(async () => {
    atOnce += 1;
    expect(atOnce).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    atOnce -= 1;
    asked += 1;
    return asked >= 4;
  });
  const endless = (): AbortSignal => new AbortController().signal;
  await Promise.all(Array.from({ length: 50 }, () => reconnection.wait(1, endless())));
  expect(asked).toBe(4);
  // Whoever loses it again asks again.
  await reconnection.wait(1, endless());
  expect(asked).toBe(5);
});

test("who has waited long enough waits no longer, whatever becomes of the question", async () => {
  let asked = 0;
  const reconnection = new Reconnection(() => {
    asked += 1;
    return new Promise(() => {});
  });
  await reconnection.wait(1, AbortSignal.timeout(40));
  await reconnection.wait(1, AbortSignal.abort());
  expect(asked).toBe(1);
});

test("when nobody waits any more, nobody is asked", async () => {
  let asked = 0;
  const reconnection = new Reconnection(async () => {
    asked += 1;
    return true;
  });
  // The question would come after half a minute at least.
  await reconnection.wait(60_000, AbortSignal.timeout(1));
  expect(asked).toBe(0);
});
