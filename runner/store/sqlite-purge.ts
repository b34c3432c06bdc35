import type { RetentionStore } from "../ports/retention-store.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { Statement } from "./sqlite-database.ts";

/** Rows removed in one flush: a millisecond or two of work. */
const rowsAtOnce = 256;

/**
 * Removing runs. A history may have a million rows, and whoever removes them at once holds everybody up. So a run gets a name and a status
 * that nobody asks for, and its rows go a few at a time. Its own row goes last, because SQLite would give its number to another run.
 */
export function createPurge({
  database,
  flush,
  now,
}: Pick<SqliteContext, "database" | "flush" | "now">): Pick<
  RetentionStore,
  "purgeRuns" | "clearPurged"
> {
  const purge = database.prepare(
    `UPDATE run SET id = 'purged/' || n || '/' || id, status = 'purged', start_key = NULL, ended_at = NULL, owner = NULL, output = NULL, error = NULL
     WHERE n IN (SELECT n FROM run WHERE ended_at < ?
       AND NOT EXISTS (SELECT 1 FROM dead_letter WHERE dead_letter.run = run.id AND status = 'open')
       AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.run = run.n)
       AND NOT EXISTS (SELECT 1 FROM session WHERE session.id = run.owner AND until > ?)
     ORDER BY ended_at LIMIT ?)`,
  );
  const next = database.prepare<{ n: number; id: string }>(
    "SELECT n, id FROM run WHERE status = 'purged' AND status NOT IN ('queued', 'running') ORDER BY n LIMIT 1",
  );
  const dropLetters = database.prepare(
    "DELETE FROM dead_letter WHERE rowid IN (SELECT rowid FROM dead_letter WHERE run = ? LIMIT ?)",
  );
  const unuse = database.prepare(
    "DELETE FROM payload_use WHERE user = ?1 AND hash IN (SELECT hash FROM payload_use WHERE user = ?1 LIMIT ?2)",
  );
  const dropHistory = database.prepare(
    "DELETE FROM batch WHERE id IN (SELECT id FROM batch WHERE run = ? LIMIT ?)",
  );
  // One row, or none: the others of a run go with its end.
  const dropRest = ["snapshot", "inbox", "task", "awaited", "slot", "slot_wait"].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE run = ?`),
  );
  const dropRun = database.prepare("DELETE FROM run WHERE n = ?");

  /** Gives how many rows it has removed. */
  const clear = (limit: number): number => {
    let left = limit;
    for (let run = next.get(); run !== undefined && left > 0; run = next.get()) {
      const { n } = run;
      const drop = (statement: Statement<never>, user: string | number): void => {
        if (left > 0) left -= statement.run([user, left]).changes;
      };
      drop(dropLetters, run.id.slice(`purged/${n}/`.length));
      drop(unuse, `run/${n}`);
      drop(dropHistory, n);
      if (left <= 0) break;
      for (const statement of dropRest) statement.run([n]);
      left -= dropRun.run([n]).changes;
    }
    return limit - left;
  };

  return {
    purgeRuns: ({ endedBeforeMs, limit }) =>
      flush.write(() => purge.run([endedBeforeMs, now(), limit]).changes),
    async clearPurged({ limit }) {
      let removed = 0;
      while (removed < limit) {
        const most = Math.min(rowsAtOnce, limit - removed);
        const rows = await flush.write(() => clear(most));
        removed += rows;
        if (rows < most) break;
      }
      return removed;
    },
  };
}
