import { Client } from "pg";
import { expect, test, vi } from "vitest";

import { sharedPostgres } from "../../../tools/services/shared-postgres.ts";
import { done, entry, newRun } from "../store-scene-conformance.ts";
import { migratePostgres } from "./migrate-postgres.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

test("statements whose plans are kept from the time when there were few runs don't read all runs later", async () => {
  const url = await sharedPostgres();
  const schema = `index_use_${process.pid}`;
  await migratePostgres(url, { schema });
  const store = await openPostgresStore({ url, schema, prepare: true, connections: 1 });
  const count = 200;
  await store.beat("s", 600_000);
  for (let index = 0; index < count; index += 1) {
    const { run } = await store.createRun(
      newRun({ run: `r${index}`, idempotencyKey: `k${index}` }),
    );
    const claimed = await store.claim(run, "s");
    await store.runnable({ nowMs: 2_000, limit: 100 });
    await store.nextWakeAtMs(2_000);
    await store.nextWakeAtMs(0);
    await store.append(entry(run, claimed?.epoch ?? 0, 1, { events: [done(2, { seq: 1 })] }));
  }
  await store.close();

  const client = new Client({ connectionString: url });
  await client.connect();
  const read = async (): Promise<{ readonly changed: number; readonly read: number }> => {
    const { rows } = await client.query<{ changed: number; read: number }>(
      "SELECT n_tup_upd::int AS changed, seq_tup_read::int AS read FROM pg_stat_user_tables WHERE schemaname = $1 AND relname = 'run'",
      [schema],
    );
    return rows[0] ?? { changed: 0, read: 0 };
  };
  // A claim and an append change each run; the server counts with a delay.
  await vi.waitFor(async () => expect((await read()).changed).toBe(2 * count), { timeout: 10_000 });
  expect((await read()).read).toBeLessThan(count);
  await client.query(`DROP SCHEMA ${schema} CASCADE`);
  await client.end();
}, 60_000);
