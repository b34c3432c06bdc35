import { Cron } from "croner";

import type { TriggerPlan } from "../../plan/plan.ts";

type CronPlan = Pick<
  Extract<TriggerPlan, { readonly kind: "cron" }>,
  "expression" | "zone" | "misfire"
>;

export interface DueTicks {
  /** Ticks up to this time are decided. */
  readonly untilMs: number;
  /** Ticks that should have a run, in order. */
  readonly starts: readonly number[];
  readonly skips: readonly { readonly atMs: number; readonly reason: "misfire" | "paused" }[];
  /** Whether later ticks are due too. */
  readonly more: boolean;
}

/** A tick that is later than this was missed: nobody was there to fire it. */
const graceMs = 60_000;
/** Ticks decided in one go. */
const maxTicks = 1_000;

/**
 * What to do about the ticks after `sinceMs` and up to now. Of those that were missed, `all` starts each, `skip` none, and
 * `once` the last, if none after it is on time.
 */
export function planTicks(
  cron: CronPlan,
  time: { readonly sinceMs: number; readonly nowMs: number; readonly paused: boolean },
): DueTicks {
  const { sinceMs, nowMs, paused } = time;
  const due = ticksBetween(cron, { afterMs: sinceMs, untilMs: nowMs, limit: maxTicks + 1 });
  const more = due.length > maxTicks;
  if (more) due.pop();
  const starts: number[] = [];
  const skips: { readonly atMs: number; readonly reason: "misfire" | "paused" }[] = [];
  for (const [index, atMs] of due.entries()) {
    const last = index === due.length - 1 && !more;
    const missed = nowMs - atMs > graceMs;
    if (paused) skips.push({ atMs, reason: "paused" });
    else if (!missed || cron.misfire === "all" || (cron.misfire === "once" && last))
      starts.push(atMs);
    else skips.push({ atMs, reason: "misfire" });
  }
  return { untilMs: more ? (due.at(-1) ?? nowMs) : nowMs, starts, skips, more };
}

/**
 * Ticks in a time span, without its beginning and with its end. When clocks are put forward, a time of
 * day that does not exist ticks right after the gap; when they are put back, one that exists twice ticks the first time.
 */
export function ticksBetween(
  { expression, zone }: Pick<CronPlan, "expression" | "zone">,
  span: { readonly afterMs: number; readonly untilMs: number; readonly limit: number },
): number[] {
  const cron = new Cron(expression, { timezone: zone });
  const ticks: number[] = [];
  for (let at = span.afterMs; ticks.length < span.limit;) {
    const next = cron.nextRun(new Date(at))?.getTime();
    if (next === undefined || next > span.untilMs) break;
    ticks.push(next);
    at = next;
  }
  return ticks;
}

/** When the next tick after a time is; null when there is none. */
export function nextTick(
  { expression, zone }: Pick<CronPlan, "expression" | "zone">,
  afterMs: number,
): number | null {
  return new Cron(expression, { timezone: zone }).nextRun(new Date(afterMs))?.getTime() ?? null;
}
