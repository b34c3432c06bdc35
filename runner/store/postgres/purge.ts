import type { RetentionStore } from "../../ports/retention-store.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Tx } from "./postgres-database.ts";

/** Rows removed in one transaction: some milliseconds of work. */
const rowsAtOnce = 1_000;
/** Purged runs that are looked at in one transaction. */
const runsAtOnce = 100;

/** Rows that go with a run, by its number. */
const tablesOfRun = ["batch", "snapshot", "inbox", "task", "awaited", "slot", "slot_wait"];

interface PurgedRun {
  readonly n: number;
  readonly id: string;
}

/**
 * Removing runs. A history may have a million rows, so a run gets a name and a status that nobody asks for, and its rows go a few at a
 * time; its own row goes last.
 */
export function createPurge({
  database,
}: Pick<PostgresContext, "database">): Pick<RetentionStore, "purgeRuns" | "clearPurged"> {
  return {
    purgeRuns: ({ endedBeforeMs, limit }) =>
      database.transaction(async (tx) => {
        const { rows } = await tx.query<{ n: number }>(
          `SELECT n FROM @run run WHERE ended_at < $1 AND ${isDone} ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
          [endedBeforeMs, limit],
        );
        // Looked at once more now that nobody can claim them, or tell them to begin again.
        const { count } = await tx.query(
          `UPDATE @run run SET id = 'purged/' || n || '/' || id, status = 'purged', start_key = NULL, ended_at = NULL, owner = NULL, output = NULL, error = NULL
           WHERE n = ANY ($1) AND ended_at < $2 AND ${isDone}`,
          [rows.map(({ n }) => n), endedBeforeMs],
        );
        return count;
      }),
    async clearPurged({ limit }) {
      let removed = 0;
      while (removed < limit) {
        const most = Math.min(rowsAtOnce, limit - removed);
        const rows = await database.transaction((tx) => clear(tx, most));
        removed += rows;
        if (rows < most) break;
      }
      return removed;
    },
  };
}

const isDone = `NOT EXISTS (SELECT 1 FROM @dead_letter l WHERE l.run = run.id AND l.status = 'open')
  AND NOT EXISTS (SELECT 1 FROM @inbox i WHERE i.run = run.n AND i.kind = 'retry')
  AND NOT EXISTS (SELECT 1 FROM @session s WHERE s.id = run.owner AND s.until > @clock)`;

/** Gives how many rows it has removed. */
async function clear(tx: Tx, limit: number): Promise<number> {
  let left = limit;
  for (;;) {
    const { rows: runs } = await tx.query<PurgedRun>(
      "SELECT n, id FROM @run WHERE status = 'purged' AND status NOT IN ('queued', 'running') ORDER BY n LIMIT $1 FOR UPDATE SKIP LOCKED",
      [runsAtOnce],
    );
    if (runs.length === 0) return limit - left;
    const numbers = runs.map(({ n }) => n);
    const drop = async (table: string, column: string, keys: readonly unknown[]): Promise<void> => {
      if (left === 0) return;
      const { count } = await tx.query(
        `DELETE FROM @${table} WHERE ctid = ANY (ARRAY (SELECT ctid FROM @${table} WHERE ${column} = ANY ($1) LIMIT $2))`,
        [keys, left],
      );
      left -= count;
    };
    await drop(
      "dead_letter",
      "run",
      runs.map(({ n, id }) => id.slice(`purged/${n}/`.length)),
    );
    await drop(
      "payload_use",
      "used_by",
      numbers.map((n) => `run/${n}`),
    );
    for (const table of tablesOfRun) await drop(table, "run", numbers);
    // As long as anything may be left of them, the runs themselves say so.
    if (left === 0) return limit;
    await drop("run", "n", numbers);
    if (left === 0) return limit;
  }
}
