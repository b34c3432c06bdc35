import type { RetentionStore } from "../../ports/retention-store.ts";
import { payloadLock } from "./payloads.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { PostgresDatabase } from "./postgres-database.ts";
import { createPurge } from "./purge.ts";

/** How long it is known which transactions were committed: longer than anybody waits for an answer. */
const flushesKeptMs = 600_000;

/** Who has got a result of the cache in the last moment may still be about to write down that it has. In milliseconds. */
const graceMs = 3_600_000;
/** Some milliseconds of work for the server. */
const payloadsAtOnce = 2_048;

/** Of a value of the cache that is too old. */
const isOfGoneMemo =
  "(starts_with(u.used_by, 'memo/') AND NOT EXISTS (SELECT 1 FROM @remembered r WHERE 'memo/' || r.key = u.used_by))";

const isNoUpload = "NOT EXISTS (SELECT 1 FROM @upload f WHERE f.hash = p.hash)";

export function createRetention(context: PostgresContext): RetentionStore {
  const { database } = context;
  const sweep = createSweep(database);
  return {
    ...createPurge(context),
    purgeTicks: ({ beforeMs, limit }) =>
      database.transaction(async (tx) => {
        const { count } = await tx.query(
          "DELETE FROM @tick WHERE (schedule, at) IN (SELECT schedule, at FROM @tick WHERE at < $1 ORDER BY at LIMIT $2)",
          [beforeMs, limit],
        );
        return count;
      }),
    async sweepPayloads({ limit, filesBeforeMs = 0 }) {
      await database.query(
        "DELETE FROM @upload WHERE at < $1 AND ctid = ANY (ARRAY (SELECT ctid FROM @upload WHERE at < $1 ORDER BY at LIMIT $2))",
        [filesBeforeMs, limit],
      );
      await database.query("DELETE FROM @flush WHERE at < @clock - $1::float8", [flushesKeptMs]);
      // Mail that came when its run ended.
      await database.query(
        "DELETE FROM @inbox i USING @run run WHERE run.n = i.run AND run.ended_at IS NOT NULL AND i.kind <> 'retry'",
      );
      const expired = [];
      for (const table of ["remembered", "nearby"])
        expired.push(
          await database.query(
            `DELETE FROM @${table} WHERE ctid = ANY (ARRAY (SELECT ctid FROM @${table} WHERE until <= @clock - $2::float8 LIMIT $1))`,
            [limit, graceMs],
          ),
        );
      return Math.max(...expired.map(({ count }) => count), await sweep(limit));
    },
  };
}

/** Large values stand in many parts, so they are looked through page by page. */
function createSweep(database: PostgresDatabase): (limit: number) => Promise<number> {
  const page = async (after: string): Promise<{ found: string[]; last: string | null }> => {
    const { rows } = await database.query<{ hash: string; unused: boolean }>(
      `SELECT hash, NOT EXISTS (SELECT 1 FROM @payload_use u WHERE u.hash = p.hash AND NOT ${isOfGoneMemo}) AND ${isNoUpload} AS unused
       FROM @payload p WHERE hash > $1 ORDER BY hash LIMIT $2`,
      [after, payloadsAtOnce],
    );
    const found = rows.filter(({ unused }) => unused).map(({ hash }) => hash);
    return { found, last: rows.length < payloadsAtOnce ? null : (rows.at(-1)?.hash ?? null) };
  };
  return async (limit) => {
    let removed = 0;
    for (let after: string | null = ""; after !== null && removed < limit;) {
      const { found, last }: Awaited<ReturnType<typeof page>> = await page(after);
      removed += await remove(database, found.slice(0, limit - removed));
      after = last;
    }
    return removed;
  };
}

/** The lock holds everybody up who stores a large value, so it is taken for what was found before only. */
async function remove(database: PostgresDatabase, hashes: readonly string[]): Promise<number> {
  if (hashes.length === 0) return 0;
  return database.transaction(async (tx) => {
    await tx.query(`SELECT pg_advisory_xact_lock(${payloadLock})`);
    await tx.query(`DELETE FROM @payload_use u WHERE hash = ANY ($1) AND ${isOfGoneMemo}`, [
      hashes,
    ]);
    const { rows } = await tx.query<{ hash: string; encoding: number }>(
      `DELETE FROM @payload p WHERE hash = ANY ($1) AND NOT EXISTS (SELECT 1 FROM @payload_use u WHERE u.hash = p.hash) AND ${isNoUpload}
       RETURNING hash, encoding`,
      [hashes],
    );
    // The parts of large files go next.
    const files = rows.flatMap(({ hash, encoding }) => (encoding === 2 ? [`file/${hash}`] : []));
    if (files.length > 0)
      await tx.query("DELETE FROM @payload_use WHERE used_by = ANY ($1)", [files]);
    return rows.length;
  });
}
