import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { sharedPostgres } from "../../../tools/services/shared-postgres.ts";
import type { Store } from "../../ports/store.ts";
import { begin, done, entry } from "../store-scene-conformance.ts";
import { migratePostgres } from "./migrate-postgres.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import { payloadLock } from "./payloads.ts";

const schema = `retention_${process.pid}`;
let store: Store;
let client: Client;

beforeAll(async () => {
  const url = await sharedPostgres();
  await migratePostgres(url, { schema });
  store = await openPostgresStore({ url, schema });
  client = new Client({ connectionString: url });
  await client.connect();
}, 120_000);
afterAll(() => Promise.all([store.close(), client.end()]));

test("who looks for what nobody uses any more holds nobody up when there is none", async () => {
  const { run, epoch } = await begin(store);
  await store.append(entry(run, epoch, 1, { events: [done(2, "x".repeat(100_000))] }));
  await client.query(`SELECT pg_advisory_lock_shared(${payloadLock})`);
  expect(await store.retention.sweepPayloads({ limit: 9 })).toBe(0);
  await client.query(`SELECT pg_advisory_unlock_shared(${payloadLock})`);
});

test("a value of the cache that is too old is used by nobody", async () => {
  const { run, epoch } = await begin(store);
  const remember = [{ key: "k", value: "y".repeat(100_000), untilMs: 1 }];
  await store.append(entry(run, epoch, 1, { remember }));
  expect(await store.retention.sweepPayloads({ limit: 9 })).toBeGreaterThan(0);
  expect(await store.retention.sweepPayloads({ limit: 9 })).toBe(0);
  const uses = `SELECT 1 FROM ${schema}.payload_use WHERE used_by = 'memo/k'`;
  expect((await client.query(uses)).rows).toEqual([]);
});
