import type { Machine } from "../../ports/machine.ts";
import type { PostgresDatabase, Rows } from "./postgres-database.ts";

/** Nobody alive owns it. */
export const unowned =
  "(run.owner IS NULL OR NOT EXISTS (SELECT 1 FROM @session s WHERE s.id = run.owner AND s.until > @clock))";
/** An operator has stopped its flow, or all of them, which is the flow ''. */
export const held = "EXISTS (SELECT 1 FROM @hold h WHERE h.flow = '' OR h.flow = run.flow)";
/** What a look at the store gives of each run that can go on. */
const found = "run.n, run.id, run.place";
/** Mail that a run did not read before it ended moves nobody. */
const addressed =
  "EXISTS (SELECT 1 FROM @inbox i WHERE i.run = run.n AND (run.ended_at IS NULL OR i.kind = 'retry'))";

/** In its line, somebody is before it, or there is no free slot. */
const blocked = `((SELECT count(*) FROM @slot s WHERE s.key = mine.key) >= mine.slots
         OR EXISTS (SELECT 1 FROM @slot_wait other WHERE other.key = mine.key AND other.n < mine.n))`;

/** Looked up one by one, so that it costs what there is to look up, however many runs there are. */
const runOf = (table: string): string =>
  `LATERAL (SELECT * FROM @run WHERE n = ${table}.run AND owner IS NULL OFFSET 0) run`;

/**
 * What can go on, in four ways, each by an index of its own, also when nothing is known of the tables: a range between two ends is taken for a small one. Runs of dead owners were given back before, so whoever has an owner
 * here is busy.
 */
const findRunnable = `ready AS (
  (SELECT ${found} FROM @run run WHERE run.owner IS NULL AND run.status IN ('queued', 'running') AND NOT ${held}
     AND (run.wake_at IS NULL OR run.wake_at <= $1 OR run.status = 'running')
     AND NOT EXISTS (SELECT 1 FROM @slot_wait w WHERE w.run = run.n AND w.path = '')
   ORDER BY run.place, run.n LIMIT $2)
  UNION
  (SELECT ${found} FROM @run run WHERE run.wake_at > 0 AND run.wake_at <= $1 AND run.status NOT IN ('queued', 'running')
     AND run.owner IS NULL AND NOT ${held} ORDER BY run.wake_at LIMIT $2)
  UNION
  (SELECT ${found} FROM (SELECT DISTINCT run FROM @inbox) mail, ${runOf("mail")}
   WHERE NOT ${held} AND ${addressed} LIMIT $2)
  UNION
  (SELECT ${found} FROM (SELECT DISTINCT run FROM @slot_wait) line, ${runOf("line")}
   WHERE NOT ${held} AND CASE WHEN EXISTS (SELECT 1 FROM @slot_wait mine WHERE mine.run = run.n AND mine.path = '')
       THEN NOT EXISTS (SELECT 1 FROM @slot_wait mine WHERE mine.run = run.n AND mine.path = '' AND ${blocked})
       ELSE EXISTS (SELECT 1 FROM @slot_wait mine WHERE mine.run = run.n AND NOT ${blocked}) END
   LIMIT $2)
)
SELECT
  ARRAY (SELECT id FROM ready ORDER BY place, n LIMIT $2) AS runs,
  EXISTS (SELECT 1 FROM @session WHERE until <= @clock) AS stale,
  (SELECT min(wake_at) FROM @run run WHERE wake_at > $1 AND wake_at < 'infinity' AND owner IS NULL) AS wake_at`;

const renew = (session: string, ttlMs: string): string =>
  `INSERT INTO @session (id, until) VALUES (${session}, @clock + ${ttlMs}) ON CONFLICT (id) DO UPDATE SET until = excluded.until`;
const near = (prefix: string): string =>
  `ARRAY (SELECT id FROM @session WHERE starts_with(id, ${prefix})) AS near`;
const beat = `WITH beat AS (${renew("$1", "$2")}) SELECT ${near("$3")}`;
const lookAround = `WITH ${findRunnable}, ${near("$3")}`;
const lookAndBeat = `WITH beat AS (${renew("$4", "$5")}), ${findRunnable}, ${near("$3")}`;

/** A beat that has not been sent yet. */
interface Beat {
  readonly session: string;
  readonly ttlMs: number;
  readonly done: (gone: readonly string[]) => void;
  readonly fail: (error: unknown) => void;
}

export interface Look {
  readonly runs: readonly string[];
  /** Sessions have run out. */
  readonly stale: boolean;
  readonly wake_at: number | null;
  /** Sessions whose processes have ended, though they have not run out. */
  readonly gone: readonly string[];
}

export interface Watch {
  look(nowMs: number, limit: number): Promise<Look>;
  /** Gives the sessions whose processes have ended, unless it went along with a look, which does. */
  beat(session: string, ttlMs: number, mayWaitMs?: number): Promise<readonly string[]>;
}

interface Near {
  readonly near: readonly string[];
}

/**
 * What a process does all the time: to say that it lives, and to look for work. A beat goes along with a look that is asked for in
 * the same turn of the event loop, or as long as it may wait, so that an idle process asks once a second.
 */
export function createWatch(database: PostgresDatabase, machine: Machine | null): Watch {
  let waiting: Beat | null = null;
  // Where there is no machine, nobody is near.
  const prefix = machine?.prefix ?? "/";
  const goneOf = (rows: Near | undefined): readonly string[] =>
    rows?.near.filter((session) => machine?.isGone(session) === true) ?? [];

  async function send({ session, ttlMs, done, fail }: Beat): Promise<void> {
    try {
      const { rows } = await database.query<Near>(beat, [session, ttlMs, prefix]);
      done(goneOf(rows[0]));
    } catch (error) {
      fail(error);
    }
  }

  return {
    async look(nowMs, limit) {
      const along = waiting;
      waiting = null;
      try {
        const asked = [nowMs, limit, prefix];
        const { rows }: Rows<Omit<Look, "gone"> & Near> =
          along === null
            ? await database.query(lookAround, asked)
            : await database.query(lookAndBeat, [...asked, along.session, along.ttlMs]);
        along?.done([]);
        const seen = rows[0] ?? { runs: [], stale: false, wake_at: null };
        return { ...seen, gone: goneOf(rows[0]) };
      } catch (error) {
        along?.fail(error);
        throw error;
      }
    },
    beat: (session, ttlMs, mayWaitMs = 0) =>
      new Promise((done, fail) => {
        const mine: Beat = { session, ttlMs, done, fail };
        if (waiting !== null) void send(waiting);
        waiting = mine;
        const goAlone = (): void => {
          if (waiting !== mine) return;
          waiting = null;
          void send(mine);
        };
        if (mayWaitMs === 0) setImmediate(goAlone);
        else setTimeout(goAlone, mayWaitMs);
      }),
  };
}
