import type { RetentionStore } from "../ports/retention-store.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import { createExpiry } from "./sqlite-expiry.ts";
import { createPurge } from "./sqlite-purge.ts";

/** After so long without a beat a process has ended, or knows nothing of what it had: `SessionGuard` sees that its row is gone. In milliseconds. */
const sessionKeptMs = 86_400_000;

/** A few milliseconds of work. */
const payloadsAtOnce = 1_024;

export function createRetention(context: SqliteContext): RetentionStore {
  const { database, flush, now } = context;
  const purgeTicks = database.prepare(
    "DELETE FROM tick WHERE (schedule, at) IN (SELECT schedule, at FROM tick WHERE at < ? ORDER BY at LIMIT ?)",
  );
  const expire = createExpiry(database);
  const forget = database.prepare(
    "DELETE FROM nearby WHERE n IN (SELECT n FROM nearby WHERE until <= ? LIMIT ?)",
  );
  const forgetUploads = database.prepare(
    "DELETE FROM upload WHERE hash IN (SELECT hash FROM upload WHERE at < ? ORDER BY at LIMIT ?)",
  );
  const endSessions = database.prepare("DELETE FROM session WHERE until < ?");
  const forgetThefts = database.prepare(
    "DELETE FROM stolen WHERE session NOT IN (SELECT id FROM session)",
  );
  const sweepPayloads = createSweep({ database, flush });

  return {
    ...createPurge(context),
    purgeTicks: ({ beforeMs, limit }) =>
      flush.write(() => purgeTicks.run([beforeMs, limit]).changes),
    async sweepPayloads({ limit, filesBeforeMs = 0 }) {
      const expired = await flush.write(() => {
        forgetUploads.run([filesBeforeMs, limit]);
        if (endSessions.run([now() - sessionKeptMs]).changes > 0) forgetThefts.run();
        return Math.max(expire(now(), limit), forget.run([now(), limit]).changes);
      });
      return Math.max(expired, await sweepPayloads(limit));
    },
  };
}

/** Large values stand in many parts, so they are looked through page by page, and others have their turn in between. */
function createSweep({
  database,
  flush,
}: Pick<SqliteContext, "database" | "flush">): (limit: number) => Promise<number> {
  const isUnused = `NOT EXISTS (SELECT 1 FROM payload_use WHERE payload_use.hash = payload.hash)
    AND NOT EXISTS (SELECT 1 FROM upload WHERE upload.hash = payload.hash)`;
  const pageEnd = database.prepare<{ hash: string }>(
    `SELECT hash FROM payload WHERE hash > ? ORDER BY hash LIMIT 1 OFFSET ${payloadsAtOnce - 1}`,
  );
  const look = database.prepare<{ hash: string }>(
    `SELECT hash FROM payload WHERE hash > ? AND hash <= ? AND ${isUnused} LIMIT ?`,
  );
  const drop = database.prepare<{ encoding: number }>(
    `DELETE FROM payload WHERE hash = ? AND ${isUnused} RETURNING encoding`,
  );
  const unuse = database.prepare("DELETE FROM payload_use WHERE user = ?");
  const remove = (hash: string): number => {
    const dropped = drop.get([hash]);
    // The parts of a large file go next.
    if (dropped?.encoding === 2) unuse.run([`file/${hash}`]);
    return dropped === undefined ? 0 : 1;
  };

  return async (limit) => {
    let removed = 0;
    for (let after = ""; ;) {
      const end = pageEnd.get([after])?.hash;
      const unused = look.all([after, end ?? "~", limit - removed]);
      if (unused.length > 0)
        removed += await flush.write(() => unused.reduce((sum, { hash }) => sum + remove(hash), 0));
      if (end === undefined || removed >= limit) break;
      after = end;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return removed;
  };
}
