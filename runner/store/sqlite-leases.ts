import type { RunHead } from "../ports/store.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import { toHead, type RunReader } from "./sqlite-runs.ts";

/** Sessions, and which of them owns which run. All methods but `runnable` and `nextWakeAtMs` run within a flush. */
export interface Leases {
  beat(session: string, ttlMs: number): void;
  endSession(session: string): void;
  claim(run: string, session: string): { readonly epoch: number; readonly head: RunHead } | null;
  release(run: string, epoch: number): void;
  runnable(options: { readonly nowMs: number; readonly limit: number }): readonly string[];
  nextWakeAtMs(): number | null;
  /** Live sessions whose processes are known to be gone. */
  gone(): readonly string[];
  /** Within a flush: their leases are free at once. */
  expire(sessions: readonly string[]): void;
}

/** A run whose owner is alive is left alone; `?` is the store's time. */
const unowned = "(owner IS NULL OR NOT EXISTS (SELECT 1 FROM session WHERE session.id = run.owner AND session.until > ?))";

export function createLeases(
  context: SqliteContext,
  reader: RunReader,
  isGone: (session: string) => boolean,
): Leases {
  const { database, payloads, ownership, now } = context;
  const beat = database.prepare(
    "INSERT INTO session (id, until) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET until = excluded.until",
  );
  const endSession = database.prepare("DELETE FROM session WHERE id = ?");
  const forgetThefts = database.prepare("DELETE FROM stolen WHERE session = ?");
  const alive = database.prepare("SELECT 1 FROM session WHERE id = ? AND until > ?");
  const living = database.prepare<{ id: string }>("SELECT id FROM session WHERE until > ?");
  const expire = database.prepare("UPDATE session SET until = 0 WHERE id = ?");
  const steal = database.prepare("INSERT OR IGNORE INTO stolen (session, run) VALUES (?, ?)");
  const countTheft = database.prepare("UPDATE session SET thefts = thefts + 1 WHERE id = ?");
  const own = database.prepare("UPDATE run SET owner = ?, epoch = ? WHERE n = ?");
  const ownFresh = database.prepare("UPDATE run SET owner = ?, epoch = 1 WHERE n = ? AND epoch = 0");
  const release = database.prepare("UPDATE run SET owner = NULL WHERE id = ? AND epoch = ?");
  const active = database.prepare<Candidate>(
    `SELECT n, id, priority FROM run WHERE status IN ('queued', 'running') AND ${unowned}
       AND (wake_at IS NULL OR wake_at <= ? OR status = 'running')
       AND NOT EXISTS (SELECT 1 FROM slot_wait WHERE slot_wait.run = run.n)
     ORDER BY priority DESC, n LIMIT ?`,
  );
  const due = database.prepare<Candidate>(
    `SELECT n, id, priority FROM run WHERE wake_at <= ? AND status NOT IN ('queued', 'running') AND ${unowned} ORDER BY wake_at LIMIT ?`,
  );
  const addressed = database.prepare<Candidate>(
    `SELECT n, id, priority FROM run WHERE n IN (SELECT run FROM inbox) AND ${unowned} LIMIT ?`,
  );
  // First in every line it stands in, and each of these lines has a free slot.
  const admissible = database.prepare<Candidate>(
    `SELECT n, id, priority FROM run WHERE n IN (SELECT run FROM slot_wait) AND ${unowned}
       AND NOT EXISTS (
         SELECT 1 FROM slot_wait mine WHERE mine.run = run.n AND (
           (SELECT count(*) FROM slot WHERE slot.key = mine.key) >= mine.slots
           OR EXISTS (SELECT 1 FROM slot_wait other WHERE other.key = mine.key AND other.n < mine.n)))
     LIMIT ?`,
  );
  const nextWake = database.prepare<{ wake_at: number | null }>(
    `SELECT min(wake_at) AS wake_at FROM run WHERE wake_at IS NOT NULL AND ${unowned}`,
  );

  return {
    beat: (session, ttlMs) => void beat.run([session, now() + ttlMs]),
    endSession(session) {
      // A run whose owner has no session is nobody's, so the runs need not be touched.
      forgetThefts.run([session]);
      endSession.run([session]);
    },
    claim(run, session) {
      const fresh = context.fresh.get(run);
      context.fresh.delete(run);
      if (fresh !== undefined && ownFresh.run([session, fresh.n]).changes === 1) {
        ownership.set(run, { n: fresh.n, session, epoch: 1, seq: fresh.head.seq, status: "queued", wakeAtMs: fresh.head.wakeAtMs, waitsFor: null });
        return { epoch: 1, head: { ...fresh.head, owner: session, epoch: 1, status: "running" } };
      }
      const row = reader.row(run);
      if (row === undefined) return null;
      let { epoch } = row;
      if (row.owner !== session) {
        if (row.owner !== null) {
          if (alive.get([row.owner, now()]) !== undefined && !isGone(row.owner)) return null;
          steal.run([row.owner, row.n]);
          countTheft.run([row.owner]);
        }
        epoch += 1;
        own.run([session, epoch, row.n]);
      }
      ownership.set(run, {
        n: row.n,
        session,
        epoch,
        seq: row.last_seq,
        status: row.status,
        wakeAtMs: row.wake_at,
        waitsFor: row.waits_for,
      });
      return { epoch, head: toHead({ ...row, owner: session, epoch }, payloads) };
    },
    release(run, epoch) {
      ownership.forget(run);
      release.run([run, epoch]);
    },
    runnable({ nowMs, limit }) {
      const time = now();
      const found = new Map<string, Candidate>();
      const lists = [
        addressed.all([time, limit]),
        due.all([nowMs, time, limit]),
        admissible.all([time, limit]),
        active.all([time, nowMs, limit]),
      ];
      for (const list of lists) for (const candidate of list) found.set(candidate.id, candidate);
      const ordered = [...found.values()].sort((a, b) => b.priority - a.priority || a.n - b.n);
      return ordered.slice(0, limit).map((candidate) => candidate.id);
    },
    gone: () => living.all([now()]).flatMap(({ id }) => (isGone(id) ? [id] : [])),
    expire(sessions) {
      for (const session of sessions) expire.run([session]);
    },
    nextWakeAtMs: () => nextWake.get([now()])?.wake_at ?? null,
  };
}

interface Candidate {
  readonly n: number;
  readonly id: string;
  readonly priority: number;
}
