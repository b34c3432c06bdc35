import type { Store } from "../ports/store.ts";
import type { SqliteContext } from "./sqlite-context.ts";

/** Without reading the rest of a group, which may be large. */
export const newestVectors =
  "SELECT key, vector FROM nearby WHERE grp = ? AND until > ? ORDER BY n DESC LIMIT ?";

/** Where the texts of cached calls lie. */
export function createVectors({
  database,
  flush,
}: SqliteContext): Pick<Store, "keepVector" | "vectors"> {
  const keepVector = database.prepare(
    "INSERT OR REPLACE INTO nearby (grp, key, vector, until) VALUES (?, ?, ?, ?)",
  );
  const vectors = database.prepare<{ key: string; vector: ArrayBuffer }>(newestVectors);
  return {
    keepVector: ({ group, key, vector, untilMs }) =>
      flush.write(() => void keepVector.run([group, key, bytesOf(vector), untilMs])),
    async vectors({ group, nowMs, limit }) {
      return vectors
        .all([group, nowMs, limit])
        .map((row) => ({ key: row.key, vector: Int8Array.from(new Uint8Array(row.vector)) }));
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Int8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
