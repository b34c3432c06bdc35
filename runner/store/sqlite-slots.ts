import type { NewRun, Slot } from "../ports/new-run.ts";
import type { SqliteContext } from "./sqlite-context.ts";

/** Who holds slots, and who stands in line for them. Within a flush. */
export interface SlotLines {
  /** All or none; who gets none queues behind those that do already. */
  take(n: number, slots: readonly Slot[]): boolean;
  join(n: number, slots: readonly Slot[]): void;
  /** False when a run is not to be created, because its slots are not free. */
  makeRoom(run: NewRun): boolean;
}

export function createSlotLines(context: Pick<SqliteContext, "database" | "leftovers">): SlotLines {
  const { database, leftovers } = context;
  const held = database.prepare("SELECT 1 FROM slot WHERE key = ? AND run = ?");
  const taken = database.prepare<{ count: number }>(
    "SELECT count(*) AS count FROM slot WHERE key = ?",
  );
  const ahead = database.prepare(
    "SELECT 1 FROM slot_wait WHERE key = ? AND n < coalesce((SELECT n FROM slot_wait WHERE key = ? AND run = ?), 9e15) AND run <> ?",
  );
  const take = database.prepare("INSERT OR IGNORE INTO slot (key, run) VALUES (?, ?)");
  const waits = database.prepare("SELECT 1 FROM slot_wait WHERE key = ? AND run = ?");
  const line = database.prepare("INSERT INTO slot_wait (key, slots, run) VALUES (?, ?, ?)");
  const leaveLines = database.prepare("DELETE FROM slot_wait WHERE run = ?");
  const users = database.prepare<{ run: number; id: string }>(
    `SELECT run.n AS run, run.id FROM run WHERE run.n IN
       (SELECT run FROM slot WHERE key = ?1 UNION SELECT run FROM slot_wait WHERE key = ?1) ORDER BY run.n`,
  );
  const put = database.prepare("INSERT OR IGNORE INTO inbox (id, run, body) VALUES (?, ?, ?)");

  function join(n: number, slots: readonly Slot[]): void {
    if (slots.length > 0) leftovers.exist = true;
    for (const { key, limit } of slots)
      if (waits.get([key, n]) === undefined) line.run([key, limit, n]);
  }

  return {
    join,
    take(n, slots) {
      if (slots.length > 0) leftovers.exist = true;
      const blocked = slots.some(({ key, limit }) => {
        if (held.get([key, n]) !== undefined) return false;
        return (taken.get([key])?.count ?? 0) >= limit || ahead.get([key, key, n, n]) !== undefined;
      });
      if (blocked) {
        join(n, slots);
        return false;
      }
      for (const { key } of slots) take.run([key, n]);
      if (slots.length > 0) leaveLines.run([n]);
      return true;
    },
    makeRoom({ overlap, slots = [] }) {
      if (overlap === undefined) return true;
      const full = slots
        .filter(({ key }) => overlap.keys.includes(key))
        .map(({ key, limit }) => ({ limit, users: users.all([key]) }))
        .filter(({ limit, users: found }) => found.length >= limit);
      if (full.length > 0 && overlap.kind === "skip") return false;
      if (overlap.kind === "skip" || full.length === 0) return true;
      const { id, atMs, reason } = overlap.cancel;
      for (const { run: n, id: run } of full.flatMap((entry) => entry.users)) {
        const item = { id: `${id}/${run}`, run, atMs, kind: "cancel", reason };
        put.run([item.id, n, JSON.stringify(item)]);
      }
      leftovers.exist = true;
      return true;
    },
  };
}
