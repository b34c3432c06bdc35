import type { DeadLetter } from "../ports/dead-letter.ts";
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
/** Runs that are created in one transaction, so that others have their turn. */
const ticksAtOnce = 100;

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
  const started: StoredTick[] = [];
  for (let at = 0; at < ticks.length; at += ticksAtOnce) {
    const { starts, refused } = await prepareTicks(
      trigger,
      ticks.slice(at, at + ticksAtOnce),
      parts,
    );
    const [problem] = refused;
    if (problem !== undefined) return refusalOf(problem, started.length);
    // A tick of the past is wanted, whatever goes on now: it queues.
    const queued = starts.map(({ atMs, run: { overlap: _, ...run } }) => ({ atMs, run }));
    const fired = await parts.store.schedules.fireMissed(schedule, queued);
    report(fired, parts);
    started.push(...fired);
  }
  return { ok: true, ticks, started };
}

function refusalOf({ errors: [error] }: DeadLetter, before: number): Backfilled {
  const message = error?.message ?? "the program can't be started";
  const told = before === 0 ? message : `${message}; ${before} earlier ticks were fired`;
  return { ok: false, code: error?.code ?? "invalid_input", message: told };
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
