import type { Json } from "../../../plan/expression.ts";
import { hasReferences, payloadContent, resolveReferences, type Payload } from "../payload.ts";
import type { PostgresDatabase, Tx } from "./postgres-database.ts";

export interface PayloadUse {
  readonly payload: Payload;
  /** `run/12`, `state/…`, `memo/…`, `file`. What nobody uses any more is swept. */
  readonly usedBy: string;
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
      if (known.has(payload.hash)) continue;
      known.add(payload.hash);
      await tx.query(
        "INSERT INTO @payload (hash, encoding, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [payload.hash, payload.encoding, payload.bytes],
      );
    }
    await tx.query(
      "INSERT INTO @payload_use (hash, used_by) SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING",
      [ordered.map(({ payload }) => payload.hash), ordered.map(({ usedBy }) => usedBy)],
    );
  }

  async get(hash: string): Promise<Uint8Array | null> {
    const { rows } = await this.database.query<PayloadRow>(
      "SELECT hash, encoding, bytes FROM @payload WHERE hash = $1",
      [hash],
    );
    return rows[0] === undefined ? null : payloadContent(rows[0]);
  }

  /** The values of texts that `pack` made. */
  async unpack(texts: readonly string[]): Promise<readonly Json[]> {
    const values = texts.map((text) => JSON.parse(text) as Json);
    if (!texts.some(hasReferences)) return values;
    const known = new Map<string, { readonly text: string; readonly value: Json }>();
    let missing = new Set<string>();
    const look = (text: string, value: Json): void => {
      if (!hasReferences(text)) return;
      resolveReferences(value, (hash) => {
        if (!known.has(hash)) missing.add(hash);
        return null;
      });
    };
    for (const [index, text] of texts.entries()) look(text, values[index] ?? null);
    while (missing.size > 0) {
      const found = await this.load([...missing]);
      missing = new Set();
      for (const [hash, item] of found) known.set(hash, item);
      for (const item of found.values()) look(item.text, item.value);
    }
    const resolve = (text: string, value: Json): Json =>
      hasReferences(text)
        ? resolveReferences(value, (hash) => {
            const item = known.get(hash);
            return item === undefined ? null : resolve(item.text, item.value);
          })
        : value;
    return texts.map((text, index) => resolve(text, values[index] ?? null));
  }

  private async load(
    hashes: readonly string[],
  ): Promise<Map<string, { readonly text: string; readonly value: Json }>> {
    const { rows } = await this.database.query<PayloadRow>(
      "SELECT hash, encoding, bytes FROM @payload WHERE hash = ANY ($1)",
      [hashes],
    );
    const found = new Map(
      rows.map((row) => {
        const text = Buffer.from(payloadContent(row)).toString();
        return [row.hash, { text, value: JSON.parse(text) as Json }] as const;
      }),
    );
    for (const hash of hashes) if (!found.has(hash)) found.set(hash, { text: "null", value: null });
    return found;
  }
}

interface PayloadRow extends Pick<Payload, "encoding" | "bytes"> {
  readonly hash: string;
}
