import { Client } from "pg";

import { sha256 } from "../../../base/sha256.ts";
import { StoreError } from "../../ports/store-error.ts";
import { migrations } from "./migrations/migrations.ts";
import { notMigrated, toStoreError } from "./postgres-errors.ts";
import { qualify, quoteName, readAddress } from "./schema-name.ts";

export interface MigrationReport {
  /** Versions that were added now; none when the tables were up to date. */
  readonly applied: readonly string[];
  readonly version: number;
}

export interface Applied {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * Brings the tables to this program's version, all at once or not at all. Any number of processes may do it at the same time: one
 * does, the others wait for it.
 *
 * @throws StoreError of kind `newer` when the tables are those of a later program.
 */
export async function migratePostgres(
  url: string,
  options: { readonly schema?: string } = {},
): Promise<MigrationReport> {
  const address = readAddress(url);
  const { schema = address.schema } = options;
  const client = new Client({ connectionString: address.url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const encoding = await client.query<{ server_encoding: string }>("SHOW server_encoding");
    if (encoding.rows[0]?.server_encoding !== "UTF8")
      throw new StoreError(
        "foreign",
        "The database must have the encoding UTF8: createdb --encoding=UTF8 --template=template0",
      );
    await client.query("BEGIN");
    const report = await bringUp(client, schema);
    await client.query("COMMIT");
    return report;
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function bringUp(client: Client, schema: string): Promise<MigrationReport> {
  // Held until the commit, whichever connection that is on.
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
    `agentflow migrate ${schema}`,
  ]);
  const known = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema]);
  if (known.rows.length === 0) await client.query(`CREATE SCHEMA ${quoteName(schema)}`);
  await client.query(
    qualify(
      schema,
      "CREATE TABLE IF NOT EXISTS @migration (version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, at timestamptz NOT NULL DEFAULT now())",
    ),
  );
  const applied = await client.query<Applied>(
    qualify(schema, "SELECT version, name, checksum FROM @migration ORDER BY version"),
  );
  checkApplied(applied.rows);
  const missing = migrations.slice(applied.rows.length);
  for (const [index, { name, sql }] of missing.entries()) {
    await client.query(qualify(schema, sql));
    await client.query(
      qualify(schema, "INSERT INTO @migration (version, name, checksum) VALUES ($1, $2, $3)"),
      [applied.rows.length + index + 1, name, sha256(sql)],
    );
  }
  return { applied: missing.map(({ name }) => name), version: migrations.length };
}

/** What a store that is opened finds. */
export function checkMigrated(applied: readonly Applied[]): void {
  checkApplied(applied);
  if (applied.length < migrations.length) throw notMigrated();
}

export function checkApplied(applied: readonly Applied[]): void {
  for (const [index, { version, name, checksum }] of applied.entries()) {
    const ours = migrations[index];
    if (ours === undefined || version !== index + 1)
      throw new StoreError(
        "newer",
        `The PostgreSQL tables are of a later agentflow (${name}); use that one, or a newer.`,
      );
    if (checksum !== sha256(ours.sql))
      throw new StoreError(
        "newer",
        `The PostgreSQL tables were made by another agentflow: its migration ${name} differs from ours.`,
      );
  }
}
