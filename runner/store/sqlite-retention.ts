import type { RetentionStore } from "../ports/retention-store.ts";
import type { SqliteContext } from "./sqlite-context.ts";

/** After so long without a beat a process has ended, or knows nothing of what it had: `SessionGuard` sees that its row is gone. In milliseconds. */
const sessionKeptMs = 86_400_000;

/** A few milliseconds of work. */
const payloadsAtOnce = 1_024;

/** Rows that go with a run, by its number. */
const tablesOfRun = ["batch", "snapshot", "inbox", "task", "awaited", "slot", "slot_wait"];

export function createRetention({ database, flush, now }: SqliteContext): RetentionStore {
  const old = database.prepare<{ n: number; id: string }>(
    `SELECT n, id FROM run WHERE ended_at < ?
       AND NOT EXISTS (SELECT 1 FROM dead_letter WHERE dead_letter.run = run.id AND status = 'open')
     ORDER BY ended_at LIMIT ?`,
  );
  const dropRun = database.prepare("DELETE FROM run WHERE n = ?");
  const dropLetters = database.prepare("DELETE FROM dead_letter WHERE run = ?");
  const unuse = database.prepare("DELETE FROM payload_use WHERE user = ?");
  const dropParts = tablesOfRun.map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE run = ?`),
  );
  const purgeTicks = database.prepare(
    "DELETE FROM tick WHERE (schedule, at) IN (SELECT schedule, at FROM tick WHERE at < ? ORDER BY at LIMIT ?)",
  );
  const expire = database.prepare("DELETE FROM remembered WHERE until <= ?");
  const forget = database.prepare("DELETE FROM nearby WHERE until <= ?");
  const endSessions = database.prepare("DELETE FROM session WHERE until < ?");
  const forgetThefts = database.prepare(
    "DELETE FROM stolen WHERE session NOT IN (SELECT id FROM session)",
  );
  const unuseMemos = database.prepare(
    "DELETE FROM payload_use WHERE user GLOB 'memo/*' AND NOT EXISTS (SELECT 1 FROM remembered WHERE 'memo/' || key = payload_use.user)",
  );
  const sweepPayloads = createSweep({ database, flush });

  return {
    purgeRuns: ({ endedBeforeMs, limit }) =>
      flush.write(() => {
        const runs = old.all([endedBeforeMs, limit]);
        for (const { n, id } of runs) {
          for (const statement of dropParts) statement.run([n]);
          dropLetters.run([id]);
          unuse.run([`run/${n}`]);
          dropRun.run([n]);
        }
        return runs.length;
      }),
    purgeTicks: ({ beforeMs, limit }) =>
      flush.write(() => purgeTicks.run([beforeMs, limit]).changes),
    async sweepPayloads({ limit }) {
      await flush.write(() => {
        expire.run([now()]);
        forget.run([now()]);
        if (endSessions.run([now() - sessionKeptMs]).changes > 0) forgetThefts.run();
        unuseMemos.run();
      });
      return sweepPayloads(limit);
    },
  };
}

/** Large values stand in many parts, so they are looked through page by page, and others have their turn in between. */
function createSweep({
  database,
  flush,
}: Pick<SqliteContext, "database" | "flush">): (limit: number) => Promise<number> {
  const isUnused = "NOT EXISTS (SELECT 1 FROM payload_use WHERE payload_use.hash = payload.hash)";
  const pageEnd = database.prepare<{ hash: string }>(
    `SELECT hash FROM payload WHERE hash > ? ORDER BY hash LIMIT 1 OFFSET ${payloadsAtOnce - 1}`,
  );
  const look = database.prepare<{ hash: string }>(
    `SELECT hash FROM payload WHERE hash > ? AND hash <= ? AND ${isUnused} LIMIT ?`,
  );
  const remove = database.prepare(`DELETE FROM payload WHERE hash = ? AND ${isUnused}`);

  return async (limit) => {
    let removed = 0;
    for (let after = ""; ;) {
      const end = pageEnd.get([after])?.hash;
      const unused = look.all([after, end ?? "~", limit - removed]);
      if (unused.length > 0)
        removed += await flush.write(() =>
          unused.reduce((sum, { hash }) => sum + remove.run([hash]).changes, 0),
        );
      if (end === undefined || removed >= limit) break;
      after = end;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return removed;
  };
}
