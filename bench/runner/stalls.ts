import { existsSync, readFileSync } from "node:fs";
import { Session, type Profiler } from "node:inspector";
import { monitorEventLoopDelay } from "node:perf_hooks";

export interface Stalls {
  /** How late timers came, in milliseconds: the latest, and the 99.9th percentile. */
  readonly maxMs: number;
  readonly p999Ms: number;
  /** The longest that this process computed without letting the event loop go, by processor time: neighbours don't count. */
  readonly busiestMs: number;
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly cpuMs: number;
}

const everyMs = 5;
const shown = 8;

/** Watches the event loop until the function it gives is called. After `--why` it prints what the longest stretches of work were about. */
export function watchStalls(why = process.argv.includes("--why")): () => Stalls {
  const delays = monitorEventLoopDelay({ resolution: everyMs });
  const stretches: Stretch[] = [];
  const stopProfile = why ? startProfile() : undefined;
  let busiestMs = 0;
  let computedMs = threadMs();
  let atMs = performance.now();
  const tick = (): void => {
    const nowMs = performance.now();
    const untilNowMs = threadMs();
    const cpuMs = Math.min(untilNowMs - computedMs, nowMs - atMs);
    busiestMs = Math.max(busiestMs, cpuMs);
    if (why && cpuMs > everyMs) stretches.push({ fromMs: atMs, toMs: nowMs, cpuMs });
    computedMs = untilNowMs;
    atMs = nowMs;
  };
  const timer = setInterval(tick, everyMs / 2);
  delays.enable();
  return () => {
    delays.disable();
    clearInterval(timer);
    tick();
    if (stopProfile !== undefined) explain(stretches, stopProfile());
    return {
      maxMs: delays.max / 1e6 - everyMs,
      p999Ms: delays.percentile(99.9) / 1e6 - everyMs,
      busiestMs,
    };
  };
}

/** Processor time of the thread of the event loop; where only that of the process is known, collectors and other threads count, too. */
function threadMs(): number {
  if (hasSchedulerStatistics)
    return Number(readFileSync(schedulerStatistics, "utf8").split(" ", 1)[0]) / 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Linux gives nanoseconds on the processor, of the first thread. */
const schedulerStatistics = "/proc/self/schedstat";
const hasSchedulerStatistics = existsSync(schedulerStatistics);

function startProfile(): () => Profiler.Profile | undefined {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.setSamplingInterval", { interval: 500 });
  session.post("Profiler.start");
  return () => {
    let profile: Profiler.Profile | undefined;
    // The inspector of one's own thread answers at once.
    session.post("Profiler.stop", (_, result) => {
      ({ profile } = result);
    });
    session.disconnect();
    return profile;
  };
}

/** The functions that the processor was in, and their callers, for each of the longest stretches. */
function explain(stretches: readonly Stretch[], profile: Profiler.Profile | undefined): void {
  if (profile === undefined) return;
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const frames = new Map(profile.nodes.map((node) => [node.id, node]));
  const stackOf = (id: number): string => {
    const names: string[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { functionName = "", url = "", lineNumber = 0 } = frames.get(at)?.callFrame ?? {};
      names.push(`${functionName || "?"} ${url.split("/").at(-1) ?? ""}:${lineNumber + 1}`);
    }
    return names.slice(0, 7).join(" < ");
  };
  const longest = [...stretches].sort((left, right) => right.cpuMs - left.cpuMs).slice(0, shown);
  for (const { fromMs, toMs, cpuMs } of longest) {
    const counts = new Map<string, number>();
    let atUs = profile.startTime;
    for (const [index, id] of (profile.samples ?? []).entries()) {
      atUs += profile.timeDeltas?.[index] ?? 0;
      const ms = atUs / 1_000 - monotonicZeroMs;
      if (ms < fromMs || ms > toMs) continue;
      const stack = stackOf(id);
      counts.set(stack, (counts.get(stack) ?? 0) + 1);
    }
    console.error(`${cpuMs.toFixed(1)} ms of work within ${(toMs - fromMs).toFixed(1)} ms`);
    const top = [...counts].sort(([, left], [, right]) => right - left).slice(0, shown);
    for (const [stack, count] of top) console.error(`  ${count} ${stack}`);
  }
}

/** What the clock of profiles shows when `performance.now()` is nought. */
const monotonicZeroMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
