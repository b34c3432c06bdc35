import type { AppendEntry } from "../ports/store.ts";
import { slotItem, slotItemId } from "./slot-item.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** Calls that hold slots of the flows they call, or stand in line for them, together with runs. Within a flush. */
export interface CallSlots {
  /** Gives the calls of a run the slots that they are first in line for. Whether there was one. */
  takeCalls(n: number, run: string): boolean;
  /** Calls join their lines and leave them. Gives the runs whose turn it is now. */
  move(n: number, entry: Pick<AppendEntry, "run" | "slots">): readonly string[];
}

interface Waiting {
  readonly n: number;
  readonly run: number;
  readonly path: string;
}

export function createCallSlots(
  context: Pick<SqliteContext, "database" | "leftovers" | "now">,
): CallSlots {
  const { leftovers } = context;
  const sql = prepare(context.database);

  /** Those for whom there are free slots, first come first. */
  function next(key: string, limit: number): readonly Waiting[] {
    const free = limit - (sql.taken.get([key])?.count ?? 0);
    return free <= 0 ? [] : sql.first.all([key, free]);
  }

  /** Gives the key of its line. */
  function leave(n: number, run: string, path: string): readonly string[] {
    const found = sql.callKeys.get([n, path]);
    if (found === undefined) return [];
    sql.leaveSlot.run([n, path]);
    sql.leaveLine.run([n, path]);
    sql.withdraw.run([slotItemId(run, path)]);
    return [found.key];
  }

  function runsNext(key: string): readonly string[] {
    const limit = sql.limitOf.get([key])?.slots;
    if (limit === undefined) return [];
    return next(key, limit).flatMap((waiting) => sql.idOf.get([waiting.run])?.id ?? []);
  }

  return {
    takeCalls(n, run) {
      let any = false;
      for (const { key, slots } of sql.linesOf.all([n])) {
        for (const waiting of next(key, slots)) {
          if (waiting.run !== n || waiting.path === "") break;
          const { path } = waiting;
          sql.leaveLine.run([n, path]);
          sql.take.run([key, n, path]);
          const item = slotItem(run, path, context.now());
          sql.put.run([item.id, n, JSON.stringify(item)]);
          any = true;
        }
      }
      if (any) leftovers.exist = true;
      return any;
    },
    move(n, { run, slots }) {
      if (slots === undefined) return [];
      leftovers.exist = true;
      for (const { path, key, limit } of slots.join ?? [])
        if (sql.callKeys.get([n, path]) === undefined) sql.line.run([key, limit, n, path]);
      // Thousands of calls may leave one line at once.
      const keys = new Set((slots.leave ?? []).flatMap((path) => leave(n, run, path)));
      return [...new Set([...keys].flatMap(runsNext))];
    },
  };
}

function prepare(database: SqliteDatabase) {
  return {
    taken: database.prepare<{ count: number }>("SELECT count(*) AS count FROM slot WHERE key = ?"),
    take: database.prepare("INSERT OR IGNORE INTO slot (key, run, path) VALUES (?, ?, ?)"),
    line: database.prepare("INSERT INTO slot_wait (key, slots, run, path) VALUES (?, ?, ?, ?)"),
    leaveLine: database.prepare("DELETE FROM slot_wait WHERE run = ? AND path = ?"),
    leaveSlot: database.prepare("DELETE FROM slot WHERE run = ? AND path = ?"),
    put: database.prepare("INSERT OR IGNORE INTO inbox (id, run, body) VALUES (?, ?, ?)"),
    withdraw: database.prepare("DELETE FROM inbox WHERE id = ?"),
    callKeys: database.prepare<{ key: string }>(
      `SELECT key FROM slot WHERE run = ?1 AND path = ?2
       UNION ALL SELECT key FROM slot_wait WHERE run = ?1 AND path = ?2 LIMIT 1`,
    ),
    linesOf: database.prepare<{ key: string; slots: number }>(
      "SELECT key, min(slots) AS slots FROM slot_wait WHERE run = ? AND path <> '' GROUP BY key",
    ),
    limitOf: database.prepare<{ slots: number }>(
      "SELECT slots FROM slot_wait WHERE key = ? ORDER BY n LIMIT 1",
    ),
    first: database.prepare<Waiting>(
      "SELECT n, run, path FROM slot_wait WHERE key = ? ORDER BY n LIMIT ?",
    ),
    idOf: database.prepare<{ id: string }>("SELECT id FROM run WHERE n = ?"),
  };
}
