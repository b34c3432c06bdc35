import type { StoredTick } from "../ports/schedule-store.ts";
import { prepareTicks, report, type CronParts } from "./cron-duty.ts";
import { deploymentReader, triggersOf, type DeployedTrigger } from "./deployed.ts";
import { ticksBetween } from "./plan-ticks.ts";

export interface BackfillRange {
  readonly schedule: string;
  /** Milliseconds since 1970; the first and the last tick that may be fired. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Only says which ticks would be fired. */
  readonly dryRun: boolean;
}

export type Backfilled =
  | {
      readonly ok: true;
      readonly ticks: readonly number[];
      readonly started: readonly StoredTick[];
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

const maxTicks = 10_000;

/** Fires the ticks of a time span that have no run, whatever the reason. */
export async function backfill(range: BackfillRange, parts: CronParts): Promise<Backfilled> {
  const { schedule, fromMs, untilMs } = range;
  const trigger = await findSchedule(schedule, parts);
  if (trigger === undefined)
    return { ok: false, code: "not_found", message: `there is no schedule ${schedule}` };
  const all = ticksBetween(trigger.plan, { afterMs: fromMs - 1, untilMs, limit: maxTicks + 1 });
  if (all.length > maxTicks)
    return {
      ok: false,
      code: "invalid_input",
      message: `the range has more than ${maxTicks} ticks; backfill it in parts`,
    };
  const known = await parts.store.schedules.ticks({ schedule, fromMs, untilMs, limit: maxTicks });
  const fired = new Set(known.flatMap(({ atMs, run }) => (run === null ? [] : [atMs])));
  const ticks = all.filter((atMs) => !fired.has(atMs));
  if (range.dryRun || ticks.length === 0) return { ok: true, ticks, started: [] };
  const { starts, refused } = await prepareTicks(trigger, ticks, parts);
  const [problem] = refused;
  if (problem !== undefined) {
    const message = problem.errors[0]?.message ?? "the program can't be started";
    return { ok: false, code: problem.errors[0]?.code ?? "invalid_input", message };
  }
  // A tick of the past is wanted, whatever goes on now: it queues.
  const queued = starts.map(({ atMs, run: { overlap: _, ...run } }) => ({ atMs, run }));
  const started = await parts.store.schedules.fireMissed(schedule, queued);
  report(started, parts);
  return { ok: true, ticks, started };
}

async function findSchedule(
  id: string,
  { store }: CronParts,
): Promise<DeployedTrigger<"cron"> | undefined> {
  const deployed = await deploymentReader(store)();
  return deployed
    .flatMap((entry) => triggersOf(entry, ["cron"]))
    .find((trigger) => trigger.id === id);
}
