import { sharedPostgres } from "../../../tools/services/shared-postgres.ts";
import { testStore } from "../store-conformance.ts";
import { migratePostgres } from "./migrate-postgres.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

let schemas = 0;

testStore(async () => {
  let now = 10_000;
  schemas += 1;
  const url = await sharedPostgres();
  const schema = `store_${process.pid}_${schemas}`;
  await migratePostgres(url, { schema });
  return {
    store: await openPostgresStore({ url, schema, now: () => now, connections: 4 }),
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
});
