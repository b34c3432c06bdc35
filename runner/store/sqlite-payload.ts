import type { Json } from "../../plan/expression.ts";
import { hasReferences, payloadContent, resolveReferences, type Payload } from "./payload.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

export interface PayloadTable {
  /** Within a flush. `user` is who refers to it: `run/12`, `state/…`, `memo/…`, `file`. What nobody uses any more is swept. */
  put(payload: Payload, user: string): void;
  get(hash: string): Uint8Array | null;
  /** The value of a text that `pack` made. */
  unpack(text: string): Json;
}

export function payloadTable(database: SqliteDatabase): PayloadTable {
  const insert = database.prepare(
    "INSERT OR IGNORE INTO payload (hash, encoding, bytes) VALUES (?, ?, ?)",
  );
  const exists = database.prepare("SELECT 1 FROM payload WHERE hash = ?");
  const use = database.prepare("INSERT OR IGNORE INTO payload_use (hash, user) VALUES (?, ?)");
  const select = database.prepare<Pick<Payload, "encoding" | "bytes">>(
    "SELECT encoding, bytes FROM payload WHERE hash = ?",
  );
  const get = (hash: string): Uint8Array | null => {
    const row = select.get([hash]);
    return row === undefined ? null : payloadContent(row);
  };
  const load = (hash: string): Json => unpack(Buffer.from(get(hash) ?? "null").toString());
  const unpack = (text: string): Json => {
    const value = JSON.parse(text) as Json;
    return hasReferences(text) ? resolveReferences(value, load) : value;
  };
  return {
    put({ hash, encoding, bytes }, user) {
      // Nearly all parts of a snapshot are those of the one before.
      if (exists.get([hash]) === undefined) insert.run([hash, encoding, bytes]);
      use.run([hash, user]);
    },
    get,
    unpack,
  };
}
