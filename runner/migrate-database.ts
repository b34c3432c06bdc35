import type { MigrationReport } from "./store/postgres/migrate-postgres.ts";

/**
 * Brings the tables of a PostgreSQL database to this program's version; any number of processes may do so at once. The user of the URL
 * must own the schema, which is `agentflow` unless the URL has `?schema=…`.
 *
 * @throws StoreError of kind `newer` when the tables are those of a later program.
 */
export async function migrateDatabase(url: string): Promise<MigrationReport> {
  const { migratePostgres } = await import("./store/postgres/migrate-postgres.ts");
  return migratePostgres(url);
}
