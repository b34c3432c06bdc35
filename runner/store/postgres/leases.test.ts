import { Client } from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { sharedPostgres } from "../../../tools/services/shared-postgres.ts";
import type { Store } from "../../ports/store.ts";
import { newRun } from "../store-scene-conformance.ts";
import { migratePostgres } from "./migrate-postgres.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

const schema = `leases_${process.pid}`;
const ended = new Set<string>();
const asked = new Set<string>();
const stores: Store[] = [];
let store: Store;

beforeAll(async () => {
  const url = await sharedPostgres();
  await migratePostgres(url, { schema });
  const machine = {
    prefix: "here/",
    isGone: (session: string) => asked.add(session) && ended.has(session),
  };
  store = await openPostgresStore({ url, schema, machine });
  stores.push(store, await openPostgresStore({ url, schema }));
}, 120_000);
afterAll(() => Promise.all(stores.map((each) => each.close())));

async function orphan(name: string, session: string): Promise<string> {
  const { run } = await store.createRun(newRun({ run: name }));
  await store.beat(session, 600_000);
  await store.claim(run, session);
  return run;
}

const runnable = (): Promise<readonly string[]> => store.runnable({ nowMs: 2_000, limit: 10 });

test("what a process of this machine had is free as soon as it has ended, and not before", async () => {
  const run = await orphan("a", "here/1");
  expect(await runnable()).toEqual([]);
  ended.add("here/1");
  expect(await runnable()).toEqual([run]);
  await store.beat("here/2", 600_000);
  const taken = await store.claim(run, "here/2");
  expect(taken?.epoch).toBe(2);
  await store.endSession("here/2");
});

test("who only says that it lives frees it, too, for whoever looks", async () => {
  const run = await orphan("b", "here/3");
  ended.add("here/3");
  await store.beat("here/4", 600_000);
  expect(await stores[1]?.runnable({ nowMs: 2_000, limit: 10 })).toContain(run);
});

test("processes of other machines are not judged", async () => {
  const run = await orphan("c", "there/5");
  ended.add("there/5");
  await store.beat("here/4", 600_000);
  expect(await runnable()).not.toContain(run);
  expect([...asked].every((session) => session.startsWith("here/"))).toBe(true);
});

test.each(["killed", "ended"] as const)(
  "a claim that is under way when its process has %s does not take the run along",
  async (how) => {
    const client = new Client({ connectionString: await sharedPostgres() });
    await client.connect();
    try {
      // The claim is held up where it has taken the run and is not committed.
      await client.query(`
        CREATE OR REPLACE FUNCTION ${schema}.hold() RETURNS trigger LANGUAGE plpgsql AS
          $$BEGIN PERFORM pg_advisory_xact_lock(${process.pid}); RETURN NULL; END$$;
        CREATE OR REPLACE TRIGGER hold AFTER UPDATE ON ${schema}.run FOR EACH ROW
          WHEN (NEW.owner = 'here/${how}' AND OLD.owner IS NULL) EXECUTE FUNCTION ${schema}.hold()`);
      await client.query("SELECT pg_advisory_lock($1)", [process.pid]);
      const { run } = await store.createRun(newRun({ run: `under-way-${how}` }));
      await store.beat(`here/${how}`, 600_000);
      const claiming = store.claim(run, `here/${how}`);
      const held = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${process.pid} AND NOT granted`;
      await vi.waitFor(async () => expect((await client.query(held)).rows).toHaveLength(1), 5_000);
      ended.add(`here/${how}`);
      const ending = how === "killed" ? await runnable() : store.endSession(`here/${how}`);
      await client.query("SELECT pg_advisory_unlock($1)", [process.pid]);
      await Promise.all([claiming, ending]);
      expect(await runnable()).toContain(run);
    } finally {
      await client.end();
    }
  },
  20_000,
);
