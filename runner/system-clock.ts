import type { Clock } from "./ports/clock.ts";

/** `setTimeout` counts in 31 bits; longer waits are taken in parts. */
const maxTimeoutMs = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const dueMs = performance.now() + delayMs;
    const wait = (): void => {
      const leftMs = Math.ceil(dueMs - performance.now());
      // Node may call back a little early; a timer never fires before its time.
      if (leftMs <= 0) callback();
      else timer = setTimeout(wait, Math.min(leftMs, maxTimeoutMs));
    };
    timer = setTimeout(wait, Math.min(Math.max(0, Math.ceil(delayMs)), maxTimeoutMs));
    return () => clearTimeout(timer);
  },
};
