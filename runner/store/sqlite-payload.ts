import type { Json } from "../../plan/expression.ts";
import type { Payload } from "./payload.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { unpack, unpackFile, type StoredPayload } from "./unpack.ts";

export interface PayloadTable {
  /** Within a flush. `user` is who refers to it: `run/12`, `state/…`, `memo/…`, `file/…` of its parts. What nobody uses any more is swept. */
  put(payload: Payload, user: string): void;
  /** Within a flush: before somebody uses it. Swept before that, it is written again by `put`. */
  putAhead(payload: Payload): void;
  file(hash: string): Promise<Uint8Array | null>;
  /** The value of a text that `pack` made. */
  unpack(text: string): Promise<Json>;
  unpackAll(texts: readonly string[]): Promise<readonly Json[]>;
}

export function payloadTable(database: SqliteDatabase): PayloadTable {
  const insert = database.prepare(
    "INSERT OR IGNORE INTO payload (hash, encoding, bytes) VALUES (?, ?, ?)",
  );
  const exists = database.prepare("SELECT 1 FROM payload WHERE hash = ?");
  const use = database.prepare("INSERT OR IGNORE INTO payload_use (hash, user) VALUES (?, ?)");
  const useKnown = database.prepare(
    "INSERT OR IGNORE INTO payload_use (hash, user) SELECT hash, ?2 FROM payload WHERE hash = ?1",
  );
  const select = database.prepare<StoredPayload>(
    "SELECT hash, encoding, bytes FROM payload WHERE hash = ?",
  );
  const load = async (hashes: readonly string[]): Promise<readonly StoredPayload[]> =>
    hashes.flatMap((hash) => select.get([hash]) ?? []);
  const unpackAll = (texts: readonly string[]): Promise<readonly Json[]> => unpack(texts, load);
  const putAhead = ({ hash, encoding, bytes }: Payload): void => {
    if (encoding === 3) return;
    // Nearly all parts of a snapshot are those of the one before.
    if (exists.get([hash]) === undefined) insert.run([hash, encoding, bytes]);
  };
  return {
    putAhead,
    put(payload, user) {
      putAhead(payload);
      (payload.encoding === 3 ? useKnown : use).run([payload.hash, user]);
    },
    file: (hash) => unpackFile(hash, load),
    async unpack(text) {
      return (await unpackAll([text]))[0] ?? null;
    },
    unpackAll,
  };
}
