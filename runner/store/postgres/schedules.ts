import type { Json } from "../../../plan/expression.ts";
import type {
  ScheduleStore,
  StoredSchedule,
  StoredTick,
  TickStart,
} from "../../ports/schedule-store.ts";
import { packLetters } from "../letter-packing.ts";
import { pack, type Packed } from "../payload.ts";
import { keepLetters, usesOfLetter } from "./letters.ts";
import { insertRuns } from "./new-runs.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Tx } from "./postgres-database.ts";

interface ScheduleRow {
  readonly id: string;
  readonly program: string;
  readonly flow: string;
  readonly plan: string;
  readonly trigger: number;
  readonly since: number;
  readonly paused: boolean;
  readonly decided_until: number;
}

interface TickRow extends Pick<StoredTick, "schedule" | "outcome" | "reason" | "run"> {
  readonly at: number;
}

interface PackedStart extends TickStart {
  readonly events: Packed;
}

/** Schedules and their ticks. */
export function createSchedules(context: PostgresContext): ScheduleStore {
  const { database, payloads } = context;
  const changes = (text: string, values: readonly unknown[]): Promise<boolean> =>
    database.transaction(async (tx) => (await tx.query(text, values)).count > 0);

  return {
    async put({ id, program, flow, planHash, trigger, sinceMs, paused = false }) {
      await database.query(
        `INSERT INTO @schedule (id, program, flow, plan, trigger, since, paused, decided_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $6)
         ON CONFLICT (id) DO UPDATE SET program = excluded.program, flow = excluded.flow, plan = excluded.plan,
           trigger = excluded.trigger, since = excluded.since`,
        [id, program, flow, planHash, trigger, sinceMs, paused],
      );
    },
    remove: (id) => changes("DELETE FROM @schedule WHERE id = $1", [id]),
    async list() {
      const { rows } = await database.query<ScheduleRow>(
        'SELECT * FROM @schedule ORDER BY id COLLATE "C"',
      );
      return rows.map(toSchedule);
    },
    pause: (id, paused) => changes("UPDATE @schedule SET paused = $2 WHERE id = $1", [id, paused]),
    async fire({ schedule, decidedUntilMs, untilMs, starts, skips, deadLetters }) {
      const packed = await packStarts(starts);
      const letters = await packLetters(deadLetters);
      return database.transaction(async (tx) => {
        const { count } = await tx.query(
          "UPDATE @schedule SET decided_until = $3 WHERE id = $1 AND decided_until = $2",
          [schedule, decidedUntilMs, untilMs],
        );
        if (count === 0) return null;
        await payloads.put(
          tx,
          letters.flatMap((letter) => usesOfLetter(letter, null)),
        );
        await keepLetters(tx, letters);
        const known = await outcomes(tx, schedule, [...skips, ...starts]);
        const skipped = skips
          .filter(({ atMs }) => !known.has(atMs))
          .map(({ atMs, reason }): StoredTick => ({
            schedule,
            atMs,
            outcome: "skipped",
            reason,
            run: null,
          }));
        const started = await start(context, tx, {
          schedule,
          due: packed.filter(({ atMs }) => !known.has(atMs)),
        });
        await keepTicks(tx, [...skipped, ...started]);
        return [...skipped, ...started];
      });
    },
    fireMissed: (schedule, missed) => fireMissed(context, schedule, missed),
    async ticks({ schedule, fromMs = 0, untilMs = 9e15, limit = 100 }) {
      const { rows } = await database.query<TickRow>(
        "SELECT schedule, at, outcome, reason, run FROM @tick WHERE schedule = $1 AND at BETWEEN $2 AND $3 ORDER BY at DESC LIMIT $4",
        [schedule, fromMs, untilMs, limit],
      );
      return rows.map(({ at: atMs, ...tick }) => ({ ...tick, atMs }));
    },
  };
}

async function fireMissed(
  context: PostgresContext,
  schedule: string,
  missed: readonly TickStart[],
): Promise<readonly StoredTick[]> {
  const packed = await packStarts(missed);
  return context.database.transaction(async (tx) => {
    // Two who do this at once take turns.
    await tx.query("SELECT 1 FROM @schedule WHERE id = $1 FOR UPDATE", [schedule]);
    const known = await outcomes(tx, schedule, missed);
    const due = packed.filter(({ atMs }) => known.get(atMs) !== "started");
    const ticks = await start(context, tx, { schedule, due });
    await keepTicks(tx, ticks);
    return ticks;
  });
}

async function start(
  context: PostgresContext,
  tx: Tx,
  { schedule, due }: { readonly schedule: string; readonly due: readonly PackedStart[] },
): Promise<readonly StoredTick[]> {
  const created = await insertRuns(context, tx, due);
  return due.map(({ atMs }, index): StoredTick => {
    const run = created[index];
    return run === undefined || run.skipped === true
      ? { schedule, atMs, outcome: "skipped", reason: "overlap", run: null }
      : { schedule, atMs, outcome: "started", reason: null, run: run.run };
  });
}

async function outcomes(
  tx: Tx,
  schedule: string,
  ticks: readonly { readonly atMs: number }[],
): Promise<ReadonlyMap<number, string>> {
  if (ticks.length === 0) return new Map();
  const { rows } = await tx.query<{ at: number; outcome: string }>(
    "SELECT at, outcome FROM @tick WHERE schedule = $1 AND at = ANY ($2::float8[])",
    [schedule, ticks.map(({ atMs }) => atMs)],
  );
  return new Map(rows.map(({ at, outcome }) => [at, outcome]));
}

async function keepTicks(tx: Tx, ticks: readonly StoredTick[]): Promise<void> {
  for (const { schedule, atMs, outcome, reason, run } of ticks) {
    await tx.query(
      `INSERT INTO @tick (schedule, at, outcome, reason, run) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (schedule, at) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason, run = excluded.run`,
      [schedule, atMs, outcome, reason, run],
    );
  }
}

function packStarts(starts: readonly TickStart[]): Promise<readonly PackedStart[]> {
  return Promise.all(
    starts.map(async (due) => ({ ...due, events: await pack(due.run.events as unknown as Json) })),
  );
}

function toSchedule(row: ScheduleRow): StoredSchedule {
  return {
    id: row.id,
    program: row.program,
    flow: row.flow,
    planHash: row.plan,
    trigger: row.trigger,
    sinceMs: row.since,
    paused: row.paused,
    decidedUntilMs: row.decided_until,
  };
}
