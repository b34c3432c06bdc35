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

/**
 * What can go on, in four ways, each by an index of its own. Runs of dead owners were given back before, so whoever has an owner
 * here is busy.
 */
const findRunnable = `ready AS (
  (SELECT ${found} FROM @run run WHERE run.owner IS NULL AND run.status IN ('queued', 'running') AND NOT ${held}
     AND (run.wake_at IS NULL OR run.wake_at <= $1 OR run.status = 'running')
     AND NOT EXISTS (SELECT 1 FROM @slot_wait w WHERE w.run = run.n AND w.path = '')
   ORDER BY run.place, run.n LIMIT $2)
  UNION
  (SELECT ${found} FROM @run run WHERE run.wake_at <= $1 AND run.status NOT IN ('queued', 'running')
     AND run.owner IS NULL AND NOT ${held} ORDER BY run.wake_at LIMIT $2)
  UNION
  (SELECT ${found} FROM @run run WHERE run.n IN (SELECT DISTINCT run FROM @inbox)
     AND run.owner IS NULL AND NOT ${held} AND ${addressed} LIMIT $2)
  UNION
  (SELECT ${found} FROM @run run WHERE run.n IN (SELECT run FROM @slot_wait) AND run.owner IS NULL AND NOT ${held}
     AND CASE WHEN EXISTS (SELECT 1 FROM @slot_wait mine WHERE mine.run = run.n AND mine.path = '')
       THEN NOT EXISTS (SELECT 1 FROM @slot_wait mine WHERE mine.run = run.n AND mine.path = '' AND ${blocked})
       ELSE EXISTS (SELECT 1 FROM @slot_wait mine WHERE mine.run = run.n AND NOT ${blocked}) END
   LIMIT $2)
)
SELECT
  ARRAY (SELECT id FROM ready ORDER BY place, n LIMIT $2) AS runs,
  EXISTS (SELECT 1 FROM @session WHERE until <= @clock) AS stale,
  (SELECT min(wake_at) FROM @run run WHERE wake_at IS NOT NULL AND owner IS NULL) AS wake_at`;

const beat =
  "INSERT INTO @session (id, until) VALUES ($1, @clock + $2) ON CONFLICT (id) DO UPDATE SET until = excluded.until";
const lookAround = `WITH ${findRunnable}`;
const lookAndBeat = `WITH beat AS (${beat.replace("$1", "$3").replace("$2", "$4")}), ${findRunnable}`;

/** A beat that has not been sent yet. */
interface Beat {
  readonly session: string;
  readonly ttlMs: number;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

export interface Look {
  readonly runs: readonly string[];
  readonly stale: boolean;
  readonly wake_at: number | null;
}

export interface Watch {
  look(nowMs: number, limit: number): Promise<Look>;
  beat(session: string, ttlMs: number, mayWaitMs?: number): Promise<void>;
}

/**
 * What a process does all the time: to say that it lives, and to look for work. A beat goes along with a look that is asked for in
 * the same turn of the event loop, or as long as it may wait, so that an idle process asks once a second.
 */
export function createWatch(database: PostgresDatabase): Watch {
  let waiting: Beat | null = null;

  async function send({ session, ttlMs, done, fail }: Beat): Promise<void> {
    try {
      await database.query(beat, [session, ttlMs]);
      done();
    } catch (error) {
      fail(error);
    }
  }

  return {
    async look(nowMs, limit) {
      const along = waiting;
      waiting = null;
      try {
        const answer: Rows<Look> =
          along === null
            ? await database.query(lookAround, [nowMs, limit])
            : await database.query(lookAndBeat, [nowMs, limit, along.session, along.ttlMs]);
        along?.done();
        return answer.rows[0] ?? { runs: [], stale: false, wake_at: null };
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
