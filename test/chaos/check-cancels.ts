import type { Evidence, RunRecord } from "./evidence.ts";
import type { FaultRecord } from "./fault-run.ts";
import { targetOf } from "./faults.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { WatchedWrite } from "./write-watch.ts";

/**
 * From the acknowledgement of a cancellation to the end of its run, whatever is harmed: a lease has to run out, and services to come back. Time in
 * which PostgreSQL is harmed does not count.
 */
export const cancelGraceMs = 25_000;
/** A call whose start was written down just before, on a busy machine. */
const slackMs = 2_000;

type Known = Pick<Evidence, "started" | "runs" | "ledger" | "writes" | "faults">;

/**
 * I13: after an acknowledged cancellation, nothing but compensations begins, and the run ends within the grace, with all that it has
 * under way. That nothing begins in the history is checked with the histories; here is what the world and the server saw.
 */
export function checkCancels(known: Known): readonly string[] {
  return known.started.flatMap(({ run, cancelledAtMs }) => {
    const record = known.runs.get(run);
    if (record === undefined) return [];
    const writes = known.writes.filter((write) => write.run === run);
    const calls = known.ledger.filter(
      ({ key }) => key?.startsWith(`${run}:`) === true && !/![a-z]/.test(key),
    );
    return [
      ...(cancelledAtMs === null
        ? []
        : checkGrace({
            record,
            calls,
            writes,
            cancelledAtMs,
            lastMs: cancelledAtMs + cancelGraceMs + awayAfter(cancelledAtMs, known.faults),
          })),
      ...checkCalls(record, calls, writes),
    ];
  });
}

/** For how long PostgreSQL was harmed since then: one fault after the other. */
function awayAfter(atMs: number, faults: readonly FaultRecord[]): number {
  return faults
    .filter(({ fault }) => targetOf(fault) === "postgres")
    .map(({ beganAtMs, endedAtMs }) => Math.max(0, endedAtMs - Math.max(atMs, beganAtMs)))
    .reduce((sum, ms) => sum + ms, 0);
}

function checkGrace({
  record,
  calls,
  writes,
  cancelledAtMs,
  lastMs,
}: {
  readonly record: RunRecord;
  readonly calls: readonly LedgerEntry[];
  readonly writes: readonly WatchedWrite[];
  readonly cancelledAtMs: number;
  readonly lastMs: number;
}): string[] {
  const { head, events } = record;
  const faults: string[] = [];
  for (const { key, atMs, goneAtMs } of calls) {
    if (atMs > lastMs)
      faults.push(`I13 ${key} was called ${atMs - cancelledAtMs} ms after its cancellation`);
    else if (goneAtMs === null || goneAtMs > lastMs)
      faults.push(`I13 ${key} was under way ${cancelGraceMs} ms after its cancellation`);
  }
  const undoes = events.some(
    (event) => event.kind === "activity.started" && /!undo/.test(event.path),
  );
  const endedAtMs = writes.at(-1)?.atMs;
  if (head.endedAtMs !== null && endedAtMs !== undefined && !undoes && endedAtMs > lastMs)
    faults.push(
      `I13 run ${head.run} (${head.flow}) ended ${endedAtMs - cancelledAtMs} ms after its cancellation`,
    );
  return faults;
}

/**
 * When the request is in the history, its owner begins nothing more. A process that has lost the run and stood still may not know it, and
 * its call comes late: so this holds for runs that had one owner.
 */
function checkCalls(
  { head, events }: RunRecord,
  calls: readonly LedgerEntry[],
  writes: readonly WatchedWrite[],
): string[] {
  const request = events.find(({ kind }) => kind === "run.cancel-requested");
  if (request === undefined || events.some(({ kind }) => kind === "run.interrupted")) return [];
  const noted = writes.find(({ fromSeq, toSeq }) => fromSeq < request.seq && request.seq <= toSeq);
  if (noted === undefined || noted.toEpoch > 1) return [];
  const late = calls.find(({ atMs }) => atMs > noted.atMs + slackMs);
  if (late === undefined) return [];
  const afterMs = late.atMs - noted.atMs;
  return [
    `I13 ${late.key} was called ${afterMs} ms after run ${head.run} had taken its cancellation`,
  ];
}
