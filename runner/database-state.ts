/** Whether a store is named by the address of a PostgreSQL database, and not by the path of a file. */
export function isPostgresUrl(store: string): boolean {
  return /^postgres(ql)?:\/\//.test(store);
}

export interface DatabaseState {
  /** Names of the changes that the tables have had, in order. */
  readonly applied: readonly string[];
  /** Those that `migrateDatabase` would add. */
  readonly missing: readonly string[];
}

/**
 * How far the tables of agentflow in a PostgreSQL database are; nothing is changed.
 *
 * @throws StoreError
 */
export async function databaseState(url: string): Promise<DatabaseState> {
  const { migrationStatus } = await import("./store/postgres/migration-status.ts");
  return migrationStatus(url);
}
