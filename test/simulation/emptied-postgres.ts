import { Client } from "pg";

import type { Store } from "../../runner/ports/store.ts";
import { migratePostgres } from "../../runner/store/postgres/migrate-postgres.ts";
import { openPostgresStore } from "../../runner/store/postgres/open-postgres-store.ts";

export interface EmptiedPostgres {
  /** A store without anything in it, whatever the one before has left, and with this clock. */
  open(now: () => number): Promise<Store>;
  close(): Promise<void>;
}

/** One schema for many stores, one after the other: to make its tables takes longer than most of what is tried with them. */
export async function emptiedPostgres(url: string, schema: string): Promise<EmptiedPostgres> {
  await migratePostgres(url, { schema });
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    async open(now) {
      const { rows } = await client.query<{ name: string }>(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 AND tablename NOT IN ('migration', 'log_end')",
        [schema],
      );
      for (const { name } of rows) await client.query(`DELETE FROM ${schema}."${name}"`);
      return openPostgresStore({ url, schema, now, connections: 1 });
    },
    close: () => client.end(),
  };
}
