import type { Json } from "../../../plan/expression.ts";
import type { Payload } from "../payload.ts";
import { unpack, unpackFile, type StoredPayload } from "../unpack.ts";
import type { PostgresDatabase, Tx } from "./postgres-database.ts";

export interface PayloadUse {
  readonly payload: Payload;
  /** `run/12`, `state/…`, `memo/…`, `file/…` of its parts; null when it is only stored. What nobody uses any more is swept. */
  readonly usedBy: string | null;
}

/** Held by whoever adds a payload, and by the sweep alone: a payload is not swept while somebody begins to use it. */
export const payloadLock = "hashtextextended('agentflow payload', 0)";

/** Large values by their content. */
export class Payloads {
  private readonly database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.database = database;
  }

  async put(tx: Tx, uses: readonly PayloadUse[]): Promise<void> {
    if (uses.length === 0) return;
    await tx.query(`SELECT pg_advisory_xact_lock_shared(${payloadLock})`);
    // In one order everywhere, so that two who add the same ones wait for each other and not in a circle.
    const ordered = [...uses].sort((a, b) => (a.payload.hash < b.payload.hash ? -1 : 1));
    // Nearly all parts of a snapshot are those of the one before.
    const { rows } = await tx.query<{ hash: string }>(
      "SELECT hash FROM @payload WHERE hash = ANY ($1)",
      [ordered.map(({ payload }) => payload.hash)],
    );
    const known = new Set(rows.map(({ hash }) => hash));
    for (const { payload } of ordered) {
      if (known.has(payload.hash) || payload.encoding === 3) continue;
      known.add(payload.hash);
      await tx.query(
        "INSERT INTO @payload (hash, encoding, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [payload.hash, payload.encoding, payload.bytes],
      );
    }
    const used = ordered.filter(
      ({ payload, usedBy }) => usedBy !== null && known.has(payload.hash),
    );
    if (used.length === 0) return;
    await tx.query(
      "INSERT INTO @payload_use (hash, used_by) SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING",
      [used.map(({ payload }) => payload.hash), used.map(({ usedBy }) => usedBy)],
    );
  }

  file(hash: string): Promise<Uint8Array | null> {
    return unpackFile(hash, (hashes) => this.load(hashes));
  }

  /** The values of texts that `pack` made. */
  unpack(texts: readonly string[]): Promise<readonly Json[]> {
    return unpack(texts, (hashes) => this.load(hashes));
  }

  private async load(hashes: readonly string[]): Promise<readonly StoredPayload[]> {
    const { rows } = await this.database.query<StoredPayload>(
      "SELECT hash, encoding, bytes FROM @payload WHERE hash = ANY ($1)",
      [hashes],
    );
    return rows;
  }
}
