import { monitorEventLoopDelay } from "node:perf_hooks";

import { quantile } from "../measure.ts";

export interface Stalls {
  /** How late timers came, in milliseconds: the latest, and the 99.9th percentile. */
  readonly maxMs: number;
  readonly p999Ms: number;
  /** The longest that this process computed without letting the event loop go, by processor time: neighbours don't count. */
  readonly busiestMs: number;
}

const everyMs = 5;

/** Watches the event loop until the function it gives is called. */
export function watchStalls(): () => Stalls {
  const delays = monitorEventLoopDelay({ resolution: everyMs });
  const busy: number[] = [];
  let { user, system } = process.cpuUsage();
  let atMs = performance.now();
  let over = false;
  const tick = (): void => {
    const cpu = process.cpuUsage();
    const nowMs = performance.now();
    const cpuMs = (cpu.user + cpu.system - user - system) / 1_000;
    // Other threads compute as well, so it is no more than what has passed.
    busy.push(Math.min(cpuMs, nowMs - atMs));
    ({ user, system } = cpu);
    atMs = nowMs;
    if (!over) setImmediate(tick);
  };
  setImmediate(tick);
  delays.enable();
  return () => {
    delays.disable();
    over = true;
    return {
      maxMs: delays.max / 1e6 - everyMs,
      p999Ms: delays.percentile(99.9) / 1e6 - everyMs,
      busiestMs: quantile(busy, 1),
    };
  };
}
