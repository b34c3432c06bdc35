import type { Clock } from "../../runner/index.ts";

/** A clock that runs `factor` times as fast, so that pauses between attempts do not make tests slow. */
export function fastClock(factor: number): Clock {
  const origin = Date.now();
  const originMonotonic = performance.now();
  return {
    now: () => origin + (Date.now() - origin) * factor,
    monotonic: () => (performance.now() - originMonotonic) * factor,
    after(delayMs, callback) {
      const timer = setTimeout(callback, Math.ceil(delayMs / factor));
      return () => clearTimeout(timer);
    },
  };
}
