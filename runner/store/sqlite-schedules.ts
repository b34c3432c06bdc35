import type { Json } from "../../plan/expression.ts";
import type {
  Firing,
  ScheduleStore,
  StoredSchedule,
  StoredTick,
  TickStart,
} from "../ports/schedule-store.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { putLetter } from "./sqlite-letters.ts";
import { packLetters, type PackedLetter } from "./letter-packing.ts";
import { pack, type Packed } from "./payload.ts";
import type { InsertRun } from "./sqlite-runs.ts";

interface PackedStart extends TickStart {
  readonly events: Packed;
}

/** Schedules and their ticks. */
export function createSchedules(context: SqliteContext, insertRun: InsertRun): ScheduleStore {
  const { database, flush } = context;
  const sql = prepare(database);
  const keepLetter = putLetter(context);

  function start(schedule: string, { atMs, run, events }: PackedStart): StoredTick {
    const { run: id, skipped } = insertRun(run, events);
    if (skipped === true) return skip(schedule, atMs, "overlap");
    sql.putTick.run([schedule, atMs, "started", null, id]);
    return { schedule, atMs, outcome: "started", reason: null, run: id };
  }

  function skip(
    schedule: string,
    atMs: number,
    reason: NonNullable<StoredTick["reason"]>,
  ): StoredTick {
    sql.putTick.run([schedule, atMs, "skipped", reason, null]);
    return { schedule, atMs, outcome: "skipped", reason, run: null };
  }

  function fire(
    firing: Firing,
    starts: readonly PackedStart[],
    letters: readonly PackedLetter[],
  ): readonly StoredTick[] | null {
    const { schedule, decidedUntilMs, untilMs } = firing;
    if (sql.moveOn.run([untilMs, schedule, decidedUntilMs]).changes === 0) return null;
    for (const letter of letters) keepLetter(letter, null);
    const isNew = ({ atMs }: { readonly atMs: number }): boolean =>
      sql.getTick.get([schedule, atMs]) === undefined;
    return [
      ...firing.skips.filter(isNew).map(({ atMs, reason }) => skip(schedule, atMs, reason)),
      ...starts.filter(isNew).map((due) => start(schedule, due)),
    ];
  }

  return {
    async put({ id, program, flow, planHash, trigger, sinceMs, paused }) {
      const values = [id, program, flow, planHash, trigger, sinceMs, paused === true ? 1 : 0];
      await flush.write(() => sql.put.run(values));
    },
    remove: (id) => flush.write(() => sql.remove.run([id]).changes > 0),
    list: async () => sql.all.all().map(toSchedule),
    pause: (id, paused) => flush.write(() => sql.pause.run([paused ? 1 : 0, id]).changes > 0),
    async fire(firing) {
      const starts = await packStarts(firing.starts);
      const letters = await packLetters(firing.deadLetters);
      return flush.write(() => fire(firing, starts, letters));
    },
    async fireMissed(schedule, missed) {
      const starts = await packStarts(missed);
      return flush.write(() =>
        starts.flatMap((due) =>
          sql.getTick.get([schedule, due.atMs])?.outcome === "started"
            ? []
            : [start(schedule, due)],
        ),
      );
    },
    ticks: async ({ schedule, fromMs = 0, untilMs = 9e15, limit = 100 }) =>
      sql.ticks.all([schedule, fromMs, untilMs, limit]).map(toTick),
  };
}

function packStarts(starts: readonly TickStart[]): Promise<PackedStart[]> {
  return Promise.all(
    starts.map(async (start) => ({
      ...start,
      events: await pack(start.run.events as unknown as Json),
    })),
  );
}

interface ScheduleRow {
  readonly id: string;
  readonly program: string;
  readonly flow: string;
  readonly plan: string;
  readonly trigger: number;
  readonly since: number;
  readonly paused: number;
  readonly decided_until: number;
}

interface TickRow {
  readonly schedule: string;
  readonly at: number;
  readonly outcome: StoredTick["outcome"];
  readonly reason: StoredTick["reason"];
  readonly run: string | null;
}

function prepare(database: SqliteDatabase) {
  return {
    put: database.prepare(
      `INSERT INTO schedule (id, program, flow, plan, trigger, since, paused, decided_until)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6)
       ON CONFLICT (id) DO UPDATE SET program = ?2, flow = ?3, plan = ?4, trigger = ?5, since = ?6`,
    ),
    remove: database.prepare("DELETE FROM schedule WHERE id = ?"),
    all: database.prepare<ScheduleRow>("SELECT * FROM schedule ORDER BY id"),
    pause: database.prepare("UPDATE schedule SET paused = ? WHERE id = ?"),
    moveOn: database.prepare(
      "UPDATE schedule SET decided_until = ? WHERE id = ? AND decided_until = ?",
    ),
    getTick: database.prepare<{ outcome: string }>(
      "SELECT outcome FROM tick WHERE schedule = ? AND at = ?",
    ),
    putTick: database.prepare(
      "INSERT OR REPLACE INTO tick (schedule, at, outcome, reason, run) VALUES (?, ?, ?, ?, ?)",
    ),
    ticks: database.prepare<TickRow>(
      "SELECT schedule, at, outcome, reason, run FROM tick WHERE schedule = ? AND at BETWEEN ? AND ? ORDER BY at DESC LIMIT ?",
    ),
  };
}

function toSchedule(row: ScheduleRow): StoredSchedule {
  return {
    id: row.id,
    program: row.program,
    flow: row.flow,
    planHash: row.plan,
    trigger: row.trigger,
    sinceMs: row.since,
    paused: row.paused === 1,
    decidedUntilMs: row.decided_until,
  };
}

function toTick({ schedule, at, outcome, reason, run }: TickRow): StoredTick {
  return { schedule, atMs: at, outcome, reason, run };
}
