import { Client } from "pg";

import { checkApplied, type Applied } from "./migrate-postgres.ts";
import { migrations } from "./migrations/migrations.ts";
import { codeOf, toStoreError } from "./postgres-errors.ts";
import { qualify, readAddress } from "./schema-name.ts";

export interface MigrationStatus {
  readonly applied: readonly string[];
  /** What `migratePostgres` would add. */
  readonly missing: readonly string[];
}

/**
 * How far the tables are, without touching them.
 *
 * @throws StoreError of kind `newer` when they are those of a later program.
 */
export async function migrationStatus(address: string): Promise<MigrationStatus> {
  const { url, schema } = readAddress(address);
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const applied = await readApplied(client, schema);
    checkApplied(applied);
    return {
      applied: applied.map(({ name }) => name),
      missing: migrations.slice(applied.length).map(({ name }) => name),
    };
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function readApplied(client: Client, schema: string): Promise<readonly Applied[]> {
  try {
    const { rows } = await client.query<Applied>(
      qualify(schema, "SELECT version, name, checksum FROM @migration ORDER BY version"),
    );
    return rows;
  } catch (error) {
    // Neither the table nor the schema is there yet.
    if (codeOf(error) === "42P01" || codeOf(error) === "3F000") return [];
    throw error;
  }
}
