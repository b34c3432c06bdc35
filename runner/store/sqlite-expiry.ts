import type { SqliteDatabase } from "./sqlite-database.ts";

/** Who has got a result in the last moment may still be about to write down that it has. In milliseconds. */
const graceMs = 3_600_000;

/** Within a flush: removes results of the cache that are too old, at most so many. Gives how many. */
export function createExpiry(database: SqliteDatabase): (nowMs: number, limit: number) => number {
  const expired = database.prepare<{ key: string }>(
    "SELECT key FROM remembered WHERE until <= ? LIMIT ?",
  );
  const unuse = database.prepare("DELETE FROM payload_use WHERE user = ?");
  const forget = database.prepare("DELETE FROM remembered WHERE key = ?");
  return (nowMs, limit) => {
    const found = expired.all([nowMs - graceMs, limit]);
    for (const { key } of found) {
      unuse.run([`memo/${key}`]);
      forget.run([key]);
    }
    return found.length;
  };
}
