import type { Clock } from "./ports/clock.ts";

/** `setTimeout` counts in 31 bits; longer waits are taken in parts. */
const maxTimeoutMs = 2 ** 31 - 1;
/** Callbacks of so many milliseconds follow each other, after which others have their turn: a thousand may be due at one instant. */
const stretchMs = 8;

/** When the stretch began that is going on in this turn of the event loop. */
let beganMs: number | undefined;
/** Callbacks whose time has come, for the next turn. */
const late: (() => void)[] = [];

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    let timer: NodeJS.Timeout;
    let stopped = false;
    const dueMs = performance.now() + delayMs;
    const wait = (): void => {
      if (stopped) return;
      const leftMs = Math.ceil(dueMs - performance.now());
      // Node may call back a little early; a timer never fires before its time.
      if (leftMs > 0) timer = setTimeout(wait, Math.min(leftMs, maxTimeoutMs));
      else if (mayGoOn()) callback();
      else late.push(wait);
    };
    timer = setTimeout(wait, Math.min(Math.max(0, Math.ceil(delayMs)), maxTimeoutMs));
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  },
};

/** Whether there is time for one more callback in this turn of the event loop. */
function mayGoOn(): boolean {
  const nowMs = performance.now();
  if (beganMs === undefined) {
    beganMs = nowMs;
    setImmediate(nextStretch);
  }
  return nowMs - beganMs < stretchMs;
}

function nextStretch(): void {
  beganMs = undefined;
  for (const wait of late.splice(0)) wait();
}
