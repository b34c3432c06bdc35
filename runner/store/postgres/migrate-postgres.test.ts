import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startOwnPostgres, type OwnPostgres } from "../../../tools/services/private-postgres.ts";
import { begin, done, entry, newRun } from "../store-scene-conformance.ts";
import { migratePostgres } from "./migrate-postgres.ts";
import { letterPaths } from "./migrations/0009-letter-paths.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import { qualify } from "./schema-name.ts";

let server: OwnPostgres;
beforeAll(async () => {
  server = await startOwnPostgres();
}, 120_000);
afterAll(() => server.stop());

async function tell(text: string, user?: string): Promise<readonly Record<string, unknown>[]> {
  const url = new URL(server.url);
  if (user !== undefined) url.username = user;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

test("many processes may migrate at once; one does", async () => {
  const reports = await Promise.all(
    [1, 2, 3, 4, 5].map(() => migratePostgres(server.url, { schema: "together" })),
  );
  expect(reports.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
  expect((await migratePostgres(`${server.url}?schema=together`)).applied).toEqual([]);
});

test("a database without tables is refused, with what to do", async () => {
  await expect(openPostgresStore({ url: server.url, schema: "nothing" })).rejects.toMatchObject({
    name: "StoreError",
    message: expect.stringContaining("agentflow db migrate"),
  });
});

test("tables of a later program, or of other migrations, are left alone", async () => {
  await migratePostgres(server.url, { schema: "later" });
  await tell(
    "INSERT INTO later.migration (version, name, checksum) VALUES (999, '0999-future', 'x')",
  );
  const newer = {
    name: "StoreError",
    kind: "newer",
    message: expect.stringContaining("0999-future"),
  };
  await expect(migratePostgres(server.url, { schema: "later" })).rejects.toMatchObject(newer);
  await expect(openPostgresStore({ url: server.url, schema: "later" })).rejects.toMatchObject(
    newer,
  );
  await tell(
    "DELETE FROM later.migration WHERE version = 999; UPDATE later.migration SET checksum = 'x'",
  );
  const other = { name: "StoreError", kind: "newer", message: expect.stringContaining("differs") };
  await expect(openPostgresStore({ url: server.url, schema: "later" })).rejects.toMatchObject(
    other,
  );
});

test("the two users of the documentation have the rights they need, and no more", async () => {
  const path = fileURLToPath(new URL("../../../docs/postgresql.md", import.meta.url));
  const sql = /```sql\n(.*?)```/s.exec(readFileSync(path, "utf8"))?.[1] ?? "";
  expect(sql).toContain("CREATE ROLE agentflow_app");
  await tell(sql);
  try {
    const as = (user: string): string => {
      const url = new URL(server.url);
      url.username = user;
      return url.href;
    };
    await expect(migratePostgres(as("agentflow_app"))).rejects.toMatchObject({ kind: "foreign" });
    await migratePostgres(as("agentflow_owner"));
    const store = await openPostgresStore({ url: as("agentflow_app") });
    const { run, epoch } = await begin(store);
    expect(
      await store.append(entry(run, epoch, 1, { events: [done(2, "x".repeat(100_000))] })),
    ).toMatchObject({ kind: "ok" });
    await store.publish({ id: "e", topic: "t", time: "", data: 1 });
    await store.createRun(newRun({ slots: [{ key: "k", limit: 1 }] }));
    const text = { group: "g", key: "k", vector: Int8Array.of(1), untilMs: 9e15 };
    for (const again of [text, text]) await store.keepVector(again);
    expect(await store.vectors({ group: "g", nowMs: 0, limit: 9 })).toHaveLength(1);
    const slots = { join: [{ path: "p", key: "l", limit: 1 }] };
    await store.append(entry(run, epoch, 2, { slots }));
    expect(await store.takeSlots(run, epoch)).toBe(true);
    await store.endSession("me");
    expect(await store.retention.purgeRuns({ endedBeforeMs: 9e15, limit: 9 })).toBe(0);
    await store.retention.sweepPayloads({ limit: 9 });
    await store.close();
    for (const forbidden of [
      "TRUNCATE agentflow.batch",
      "DROP TABLE agentflow.run",
      "CREATE TABLE agentflow.x ()",
    ])
      await expect(tell(forbidden, "agentflow_app")).rejects.toMatchObject({ code: "42501" });
  } finally {
    await tell(
      "DROP SCHEMA agentflow CASCADE; DROP OWNED BY agentflow_owner, agentflow_app; DROP ROLE agentflow_owner, agentflow_app",
    );
  }
});

const letters: readonly (readonly [path: string | null, input: unknown])[] = [
  ["main.each[3]", { text: "a\u0000b" }],
  ['main.each["é\n]', { text: "half of a sign: \ud83d" }],
  [null, { path: "of the input" }],
  ["main.undo", '"path":"of the input"'],
];

test("letters find their paths, whatever their inputs hold", async () => {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    await client.query(
      "CREATE SCHEMA old; CREATE TABLE old.dead_letter (id text PRIMARY KEY, run text NOT NULL, body text NOT NULL); CREATE INDEX dead_letter_run ON old.dead_letter (run)",
    );
    for (const [at, [path, input]] of letters.entries())
      await client.query("INSERT INTO old.dead_letter VALUES ($1, 'r', $2)", [
        String(at),
        JSON.stringify({ id: String(at), run: "r", flow: "f", queue: "q", path, input }),
      ]);
    await client.query(qualify("old", letterPaths));
    const { rows } = await client.query<{ path: string | null }>(
      "SELECT path FROM old.dead_letter ORDER BY id",
    );
    expect(rows.map(({ path }) => path)).toEqual(letters.map(([path]) => path));
  } finally {
    await client.end();
  }
});
