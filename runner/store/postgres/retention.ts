import type { RetentionStore } from "../../ports/retention-store.ts";
import { payloadLock } from "./payloads.ts";
import type { PostgresContext } from "./postgres-context.ts";

/** Rows that go with a run, by its number. */
const tablesOfRun = ["batch", "snapshot", "inbox", "task", "awaited", "slot", "slot_wait"];
/** How long it is known which transactions were committed: longer than anybody waits for an answer. */
const flushesKeptMs = 600_000;

/** Of a value of the cache that is too old. */
const isOfGoneMemo =
  "(starts_with(u.used_by, 'memo/') AND NOT EXISTS (SELECT 1 FROM @remembered r WHERE 'memo/' || r.key = u.used_by))";

export function createRetention({ database }: PostgresContext): RetentionStore {
  return {
    purgeRuns: ({ endedBeforeMs, limit }) =>
      database.transaction(async (tx) => {
        const { rows } = await tx.query<{ n: number; id: string }>(
          `SELECT n, id FROM @run run WHERE ended_at < $1
             AND NOT EXISTS (SELECT 1 FROM @dead_letter l WHERE l.run = run.id AND l.status = 'open')
           ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
          [endedBeforeMs, limit],
        );
        const numbers = rows.map(({ n }) => n);
        for (const table of tablesOfRun)
          await tx.query(`DELETE FROM @${table} WHERE run = ANY ($1)`, [numbers]);
        await tx.query("DELETE FROM @dead_letter WHERE run = ANY ($1)", [rows.map(({ id }) => id)]);
        await tx.query("DELETE FROM @payload_use WHERE used_by = ANY ($1)", [
          numbers.map((n) => `run/${n}`),
        ]);
        await tx.query("DELETE FROM @run WHERE n = ANY ($1)", [numbers]);
        return rows.length;
      }),
    purgeTicks: ({ beforeMs, limit }) =>
      database.transaction(async (tx) => {
        const { count } = await tx.query(
          "DELETE FROM @tick WHERE (schedule, at) IN (SELECT schedule, at FROM @tick WHERE at < $1 ORDER BY at LIMIT $2)",
          [beforeMs, limit],
        );
        return count;
      }),
    async sweepPayloads({ limit }) {
      await database.query("DELETE FROM @flush WHERE at < @clock - $1::float8", [flushesKeptMs]);
      await database.query("DELETE FROM @remembered WHERE until <= @clock");
      await database.query("DELETE FROM @nearby WHERE until <= @clock");
      // Mail that came when its run ended.
      await database.query(
        "DELETE FROM @inbox i USING @run run WHERE run.n = i.run AND run.ended_at IS NOT NULL AND i.kind <> 'retry'",
      );
      // The lock holds everybody up who stores a large value, so it is taken for what was found before only.
      const { rows: found } = await database.query<{ hash: string }>(
        `SELECT hash FROM @payload p WHERE NOT EXISTS (SELECT 1 FROM @payload_use u WHERE u.hash = p.hash AND NOT ${isOfGoneMemo}) LIMIT $1`,
        [limit],
      );
      if (found.length === 0) return 0;
      const hashes = found.map(({ hash }) => hash);
      return database.transaction(async (tx) => {
        await tx.query(`SELECT pg_advisory_xact_lock(${payloadLock})`);
        await tx.query(`DELETE FROM @payload_use u WHERE hash = ANY ($1) AND ${isOfGoneMemo}`, [
          hashes,
        ]);
        const { count } = await tx.query(
          `DELETE FROM @payload p WHERE hash = ANY ($1) AND NOT EXISTS (SELECT 1 FROM @payload_use u WHERE u.hash = p.hash)`,
          [hashes],
        );
        return count;
      });
    },
  };
}
