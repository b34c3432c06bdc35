import { monitorEventLoopDelay } from "node:perf_hooks";

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
  let busiestMs = 0;
  let { user, system } = process.cpuUsage();
  let atMs = performance.now();
  const tick = (): void => {
    const cpu = process.cpuUsage();
    const nowMs = performance.now();
    const cpuMs = (cpu.user + cpu.system - user - system) / 1_000;
    // Other threads compute as well, so it is no more than what has passed.
    busiestMs = Math.max(busiestMs, Math.min(cpuMs, nowMs - atMs));
    ({ user, system } = cpu);
    atMs = nowMs;
  };
  const timer = setInterval(tick, everyMs / 2);
  delays.enable();
  return () => {
    delays.disable();
    clearInterval(timer);
    tick();
    return {
      maxMs: delays.max / 1e6 - everyMs,
      p999Ms: delays.percentile(99.9) / 1e6 - everyMs,
      busiestMs,
    };
  };
}
