import type { NewRun, Slot } from "../ports/new-run.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** Runs that hold slots, and those that stand in line for them; their paths are "". Within a flush. */
export interface SlotLines {
  /** All or none; who gets none queues behind those that do already. */
  take(n: number, slots: readonly Slot[]): boolean;
  join(n: number, slots: readonly Slot[]): void;
  /** False when a run is not to be created, because its slots are not free. */
  makeRoom(run: NewRun): boolean;
}

export function createSlotLines(context: Pick<SqliteContext, "database" | "leftovers">): SlotLines {
  const { database, leftovers } = context;
  const sql = prepare(database);

  function join(n: number, slots: readonly Slot[]): void {
    if (slots.length > 0) leftovers.exist = true;
    for (const { key, limit } of slots)
      if (sql.waits.get([key, n]) === undefined) sql.line.run([key, limit, n, ""]);
  }

  return {
    join,
    take(n, slots) {
      if (slots.length > 0) leftovers.exist = true;
      const blocked = slots.some(({ key, limit }) => {
        if (sql.held.get([key, n, ""]) !== undefined) return false;
        return (
          (sql.taken.get([key])?.count ?? 0) >= limit ||
          sql.ahead.get([key, key, n, n]) !== undefined
        );
      });
      if (blocked) {
        join(n, slots);
        return false;
      }
      for (const { key } of slots) sql.take.run([key, n, ""]);
      if (slots.length > 0) sql.leaveLine.run([n, ""]);
      return true;
    },
    makeRoom({ overlap, slots = [] }) {
      if (overlap === undefined) return true;
      const full = slots
        .filter(({ key }) => overlap.keys.includes(key))
        .map(({ key, limit }) => ({ limit, users: sql.users.all([key]) }))
        .filter(({ limit, users: found }) => found.length >= limit);
      if (full.length > 0 && overlap.kind === "skip") return false;
      if (overlap.kind === "skip" || full.length === 0) return true;
      const { id, atMs, reason } = overlap.cancel;
      // A run that only calls the flow is none that goes on already.
      const users = full.flatMap((entry) => entry.users).filter(({ path }) => path === "");
      for (const { run: n, id: run } of users) {
        const item = { id: `${id}/${run}`, run, atMs, kind: "cancel", reason };
        sql.put.run([item.id, n, JSON.stringify(item)]);
      }
      leftovers.exist = true;
      return true;
    },
  };
}

function prepare(database: SqliteDatabase) {
  return {
    held: database.prepare("SELECT 1 FROM slot WHERE key = ? AND run = ? AND path = ?"),
    taken: database.prepare<{ count: number }>("SELECT count(*) AS count FROM slot WHERE key = ?"),
    ahead: database.prepare(
      "SELECT 1 FROM slot_wait WHERE key = ? AND n < coalesce((SELECT n FROM slot_wait WHERE key = ? AND run = ? AND path = ''), 9e15) AND run <> ?",
    ),
    take: database.prepare("INSERT OR IGNORE INTO slot (key, run, path) VALUES (?, ?, ?)"),
    waits: database.prepare("SELECT 1 FROM slot_wait WHERE key = ? AND run = ? AND path = ''"),
    line: database.prepare("INSERT INTO slot_wait (key, slots, run, path) VALUES (?, ?, ?, ?)"),
    leaveLine: database.prepare("DELETE FROM slot_wait WHERE run = ? AND path = ?"),
    users: database.prepare<{ run: number; id: string; path: string }>(
      `SELECT run.n AS run, run.id, used.path FROM
         (SELECT run, path FROM slot WHERE key = ?1 UNION SELECT run, path FROM slot_wait WHERE key = ?1) used
       JOIN run ON run.n = used.run ORDER BY run.n`,
    ),
    put: database.prepare("INSERT OR IGNORE INTO inbox (id, run, body) VALUES (?, ?, ?)"),
  };
}
