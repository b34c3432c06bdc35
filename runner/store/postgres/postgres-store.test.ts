import { Client } from "pg";

import { sharedPostgres } from "../../../tools/services/shared-postgres.ts";
import { testStore } from "../store-conformance.ts";
import { migratePostgres } from "./migrate-postgres.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

const schema = `store_${process.pid}`;
let prepared = false;

/** Emptying tables takes a tenth of the time that making them takes. */
const empty = `DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = '${schema}' AND tablename NOT IN ('migration', 'log_end') LOOP
    EXECUTE format('DELETE FROM ${schema}.%I', t);
  END LOOP;
END $$`;

testStore(async () => {
  let now = 10_000;
  const url = await sharedPostgres();
  if (prepared) {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(empty);
    await client.end();
  } else await migratePostgres(url, { schema });
  prepared = true;
  return {
    store: await openPostgresStore({ url, schema, now: () => now, connections: 4 }),
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
});
