import { Client } from "pg";

import { openSqliteDatabase } from "../../runner/store/sqlite-database.ts";

/** Large values as they lie in the store. */
export interface KeptPayloads {
  readonly kept: readonly KeptPayload[];
  /** Rows of histories that refer to some. */
  readonly referring: readonly string[];
  /** Hashes of those that nothing says it uses. */
  readonly unused: readonly string[];
}

export interface KeptPayload {
  readonly hash: string;
  readonly encoding: 0 | 1 | 2;
  readonly bytes: Uint8Array;
}

const texts = (schema: string) => ({
  kept: `SELECT hash, encoding, bytes FROM ${schema}payload`,
  referring: `SELECT body FROM ${schema}batch WHERE body LIKE '%$agentflow.payload%'`,
  unused: `SELECT hash FROM ${schema}payload WHERE hash NOT IN (SELECT hash FROM ${schema}payload_use UNION SELECT hash FROM ${schema}upload)`,
});

export async function readPayloadsOfPostgres(url: string): Promise<KeptPayloads> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { kept, referring, unused } = texts("agentflow.");
  try {
    return {
      kept: (await client.query<KeptPayload>(kept)).rows,
      referring: (await client.query<{ body: string }>(referring)).rows.map(({ body }) => body),
      unused: (await client.query<{ hash: string }>(unused)).rows.map(({ hash }) => hash),
    };
  } finally {
    await client.end();
  }
}

export function readPayloadsOfFile(path: string): KeptPayloads {
  const database = openSqliteDatabase(path);
  const { kept, referring, unused } = texts("");
  try {
    return {
      kept: database
        .prepare<KeptPayload>(kept)
        .all()
        // The driver gives the bare memory.
        .map((payload) => ({ ...payload, bytes: new Uint8Array(payload.bytes) })),
      referring: database
        .prepare<{ body: string }>(referring)
        .all()
        .map(({ body }) => body),
      unused: database
        .prepare<{ hash: string }>(unused)
        .all()
        .map(({ hash }) => hash),
    };
  } finally {
    database.close();
  }
}
