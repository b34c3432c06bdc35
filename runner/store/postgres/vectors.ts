import type { Store } from "../../ports/store.ts";
import type { PostgresContext } from "./postgres-context.ts";

/** Where the texts of cached calls lie. */
export function createVectors(
  database: PostgresContext["database"],
): Pick<Store, "keepVector" | "vectors"> {
  return {
    async keepVector({ group, key, vector, untilMs }) {
      const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
      await database.query(
        `INSERT INTO @nearby (grp, key, vector, until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (grp, key) DO UPDATE SET vector = $3, until = $4, n = DEFAULT`,
        [group, key, bytes, untilMs],
      );
    },
    async vectors({ group, nowMs, limit }) {
      const { rows } = await database.query<{ key: string; vector: Uint8Array }>(
        "SELECT key, vector FROM @nearby WHERE grp = $1 AND until > $2 ORDER BY n DESC LIMIT $3",
        [group, nowMs, limit],
      );
      return rows.map(({ key, vector }) => ({ key, vector: Int8Array.from(vector) }));
    },
  };
}
