import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "libsql";
import { afterAll, expect, test } from "vitest";

import { openSqliteDatabase } from "./sqlite-database.ts";
import { applicationId, migrations } from "./sqlite-schema.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { begin, entry } from "./store-scene-conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "agentflow-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (name: string): string => join(folder, name);
const now = (): number => 1_000;

test("a new store is in WAL mode, syncs every commit, and carries its marks", () => {
  const database = openSqliteDatabase(fileOf("new/sub/store.db"));
  const pragma = (name: string): unknown =>
    Object.values(database.prepare<object>(`PRAGMA ${name}`).get() ?? {})[0];
  expect([pragma("journal_mode"), pragma("synchronous"), pragma("user_version")]).toEqual([
    "wal",
    2,
    migrations.length,
  ]);
  database.close();
});

test("changes of the schema are only ever added at the end, because stores have had those before", () => {
  const had = [
    ...["533d89d3", "61770d1a", "bda3682b", "bcd1d3db", "d6563642", "65719165", "1d501248"],
    ...["a0d47c6f", "5c130e8b", "902fe84b", "281ef948", "8c591520"],
  ];
  const written = migrations.map((text) =>
    createHash("sha256").update(text.replace(/\s+/gu, " ")).digest("hex").slice(0, 8),
  );
  expect(written.slice(0, had.length)).toEqual(had);
});

test("opening again changes nothing, and a store of a newer program is refused with what to do", () => {
  const path = fileOf("newer.db");
  openSqliteDatabase(path).close();
  openSqliteDatabase(path).close();
  const raw = new Database(path);
  raw.exec("PRAGMA user_version = 99");
  raw.close();
  expect(() => openSqliteDatabase(path)).toThrow(
    /written by a newer version of agentflow .*upgrade agentflow/,
  );
  expect(() => openSqliteDatabase(path)).toThrow(expect.objectContaining({ kind: "newer" }));
});

test("another program's database and a file that is no database are left alone", () => {
  const path = fileOf("foreign.db");
  const raw = new Database(path);
  raw.exec("CREATE TABLE customers (id)");
  raw.close();
  const before = readFileSync(path);
  expect(() => openSqliteDatabase(path)).toThrow(/database of another program/);
  expect(Buffer.compare(readFileSync(path), before)).toBe(0);
  const text = fileOf("notes.txt");
  writeFileSync(text, "just some notes, long enough to be no empty file. ".repeat(100));
  expect(() => openSqliteDatabase(text)).toThrow(expect.objectContaining({ kind: "damaged" }));
});

test("a damaged store and one that can't be reached say so", async () => {
  const path = fileOf("damaged.db");
  const store = openSqliteStore({ path, now });
  await store.beat("me", 1_000);
  await store.close();
  const bytes = readFileSync(path);
  writeFileSync(
    path,
    Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0x5a)]),
  );
  expect(() => openSqliteStore({ path, now })).toThrow(/is damaged; restore it from a backup/);
  writeFileSync(fileOf("a-file"), "");
  expect(() => openSqliteStore({ path: join(fileOf("a-file"), "store.db"), now })).toThrow(
    expect.objectContaining({ kind: "unreachable" }),
  );
});

test("a store that is locked for a moment is waited for, and one that stays locked rejects that write only", async () => {
  const path = fileOf("locked.db");
  const store = openSqliteStore({ path, now, busyTimeoutMs: 50 });
  const other = new Database(path);
  other.exec("BEGIN IMMEDIATE");
  await expect(store.beat("me", 1_000)).rejects.toMatchObject({
    kind: "busy",
    message: expect.stringContaining("is locked by another program"),
  });
  other.exec("COMMIT");
  other.close();
  await store.beat("me", 1_000);
  await store.close();
});

test("a store that can't grow rejects what it can't keep, and goes on when there is room", async () => {
  const path = fileOf("full.db");
  const limited = openSqliteDatabase(path);
  limited.exec("PRAGMA max_page_count = 60");
  limited.close();
  const store = openSqliteStore({ path, now, maxPages: 60 });
  const bytes = new Uint8Array(400_000).fill(1);
  await expect(store.writeFile("", bytes)).rejects.toMatchObject({
    kind: "full",
    message: expect.stringContaining("make room"),
  });
  await store.beat("me", 1_000);
  await store.close();
});

test("two stores on one file see each other's writes, and a theft fences the one that lost the run", async () => {
  const path = fileOf("shared.db");
  let time = 10_000;
  const one = openSqliteStore({ path, now: () => time });
  const two = openSqliteStore({ path, now: () => time });
  const going = {
    status: "running",
    wakeAtMs: null,
    waitsFor: null,
    cost: 0,
    tokensIn: 0,
    tokensOut: 0,
  } as const;
  const events = (seq: number) => [{ kind: "run.paused" as const, seq, atMs: 1 }];
  for (const run of ["a", "b"]) {
    await one.createRun({
      run,
      planHash: "h",
      flow: "f",
      idempotencyKey: null,
      priority: 5,
      wakeAtMs: null,
      events: events(1),
    });
  }
  await one.beat("one", 1_000);
  const epochs = {
    a: (await one.claim("a", "one"))?.epoch ?? 0,
    b: (await one.claim("b", "one"))?.epoch ?? 0,
  };
  await two.beat("two", 1_000_000);
  expect(await two.claim("a", "two")).toBeNull();
  time += 1_001;
  const taken = await two.claim("a", "two");
  expect(taken?.epoch).toBe(epochs.a + 1);
  const append = (run: "a" | "b", expectedSeq: number) =>
    one.append({
      run,
      epoch: epochs[run],
      expectedSeq,
      events: events(expectedSeq + 1),
      head: going,
    });
  expect((await append("a", 1)).kind).toBe("fenced");
  expect((await append("b", 1)).kind).toBe("fenced");
  await one.beat("one", 1_000);
  expect((await append("a", 1)).kind).toBe("fenced");
  expect((await append("b", 1)).kind).toBe("ok");
  expect(
    (
      await two.append({
        run: "a",
        epoch: epochs.a + 1,
        expectedSeq: 1,
        events: events(2),
        head: going,
      })
    ).kind,
  ).toBe("ok");
  expect((await one.events("a", { afterSeq: 0 })).length).toBe(2);
  await one.close();
  await two.close();
});

test("sessions of processes that are long gone are not kept, and one that comes back has nothing", async () => {
  const path = fileOf("sessions.db");
  let time = 1_000;
  const [mine, theirs] = [1, 2].map(() => openSqliteStore({ path, now: () => time }));
  if (mine === undefined || theirs === undefined) throw new Error("two stores");
  const { run, epoch } = await begin(mine);
  time += 10_000;
  await theirs.beat("other", 9_000);
  expect((await theirs.claim(run, "other"))?.epoch).toBe(epoch + 1);
  time += 86_400_000;
  await theirs.beat("other", 9_000);
  await theirs.retention.sweepPayloads({ limit: 9 });
  const raw = new Database(path);
  expect(raw.prepare("SELECT id FROM session").all()).toEqual([{ id: "other" }]);
  expect(raw.prepare("SELECT * FROM stolen").all()).toEqual([]);
  raw.close();
  await mine.beat("me", 9_000);
  expect(await mine.append(entry(run, epoch, 1))).toEqual({ kind: "fenced" });
  expect(await theirs.append(entry(run, epoch + 1, 1))).toMatchObject({ kind: "ok" });
  await Promise.all([mine.close(), theirs.close()]);
});

test("what nobody uses any more is looked for in steps, and others have their turn in between", async () => {
  const path = fileOf("sweep.db");
  const store = openSqliteStore({ path, now });
  const raw = new Database(path);
  raw.exec("BEGIN");
  const insert = raw.prepare("INSERT INTO payload (hash, encoding, bytes) VALUES (?, 0, 'x')");
  const use = raw.prepare("INSERT INTO payload_use (hash, user) VALUES (?, 'file')");
  const unused = new Set(["0000", "1023", "1024", "2999"]);
  for (let count = 0; count < 3_000; count += 1) {
    const hash = String(count).padStart(4, "0");
    insert.run([hash]);
    if (!unused.has(hash)) use.run([hash]);
  }
  raw.exec("COMMIT");
  const order: string[] = [];
  const sweeping = store.retention
    .sweepPayloads({ limit: 3 })
    .then((count) => order.push(`${count} swept`));
  await store.beat("me", 1).then(() => order.push("beat"));
  await sweeping;
  expect(order).toEqual(["beat", "3 swept"]);
  expect(await store.retention.sweepPayloads({ limit: 3 })).toBe(1);
  expect(await store.retention.sweepPayloads({ limit: 3 })).toBe(0);
  expect(raw.prepare("SELECT count(*) AS count FROM payload").get()).toMatchObject({
    count: 2_996,
  });
  raw.close();
  await store.close();
});

test("a store of an earlier version keeps its dead letters, with their inputs and places", async () => {
  const path = fileOf("older.db");
  const raw = new Database(path);
  const version = migrations.findIndex((text) => text.includes("ADD COLUMN input"));
  for (const migration of migrations.slice(0, version)) raw.exec(migration);
  raw.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`);
  const letter = {
    id: "l1",
    run: "r",
    flow: "f",
    queue: "q",
    path: "f.s[1]",
    input: { n: 1 },
    errors: [],
    atMs: 5,
    status: "open",
  } as const;
  raw
    .prepare(
      "INSERT INTO dead_letter (id, run, queue, status, body) VALUES ('l1', 'r', 'q', 'open', ?)",
    )
    .run(JSON.stringify(letter));
  raw.close();
  const store = openSqliteStore({ path, now });
  expect(await store.deadLetter("l1")).toEqual(letter);
  const { input: _, ...head } = letter;
  expect(await store.deadLetters({ run: "r", paths: ["f.s[1]"] })).toEqual([head]);
  expect(await store.deadLetters({ run: "r", withoutItems: true })).toEqual([]);
  await store.close();
});
