import { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { startCuttingProxy } from "../../../tools/services/cutting-proxy.ts";
import { startOwnPostgres, type OwnPostgres } from "../../../tools/services/private-postgres.ts";
import { StoreError } from "../../ports/store-error.ts";
import type { AppendResult, Store } from "../../ports/store.ts";
import { done, entry, newRun } from "../store-scene-conformance.ts";
import { migratePostgres } from "./migrate-postgres.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

let server: OwnPostgres;
beforeAll(async () => {
  server = await startOwnPostgres();
  await migratePostgres(server.url);
}, 120_000);
afterAll(() => server.stop());

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close();
});

async function open(url = server.url, patienceMs = 20_000): Promise<Store> {
  const store = await openPostgresStore({ url, patienceMs });
  opened.push(store);
  return store;
}

async function tell(text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const lives = 12;
const length = 25;

/** Some runs that each append one event after the other; gives the answers of each. */
async function appendLoops(store: Store, harm: (progress: () => number) => Promise<void>) {
  const session = `s${Math.trunc(performance.now() * 1_000)}`;
  await store.beat(session, 600_000);
  let count = 0;
  const loop = async (): Promise<readonly AppendResult[]> => {
    const { run } = await store.createRun(newRun({ run: `${session}-${(count += 1)}` }));
    runs.push(run);
    const claimed = await store.claim(run, session);
    const answers: AppendResult[] = [];
    for (let seq = 1; seq <= length; seq += 1) {
      answers.push(
        await store.append(
          entry(run, claimed?.epoch ?? 0, seq, { events: [done(seq + 1, { seq })] }),
        ),
      );
      progress += 1;
    }
    return answers;
  };
  let progress = 0;
  const runs: string[] = [];
  const loops = Array.from({ length: lives }, loop);
  await harm(() => progress);
  return { runs, answers: await Promise.all(loops) };
}

async function expectWhole(
  store: Store,
  { runs, answers }: Awaited<ReturnType<typeof appendLoops>>,
): Promise<void> {
  expect(answers.flat().filter(({ kind }) => kind !== "ok")).toEqual([]);
  for (const run of runs) {
    const seqs = (await store.events(run, { afterSeq: 0 })).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: length + 1 }, (_, index) => index + 1));
    expect((await store.head(run))?.seq).toBe(length + 1);
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test("appends go on when their connections are killed, each of them once", async () => {
  const store = await open();
  const result = await appendLoops(store, async (progress) => {
    for (let kill = 1; kill <= 5; kill += 1) {
      await until(() => progress() >= kill * 40);
      await tell(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
      );
    }
  });
  await expectWhole(store, result);
});

test("appends go on after a crash of the server, each of them once", async () => {
  const store = await open();
  const result = await appendLoops(store, async (progress) => {
    await until(() => progress() >= 60);
    await server.chaos.end("immediate");
    await server.chaos.revive();
  });
  await expectWhole(store, result);
});

test("a commit whose answer is lost is known to have happened, or is done again", async () => {
  const proxy = await startCuttingProxy(server.port);
  opened.push({ close: proxy.stop });
  const url = new URL(server.url);
  url.port = String(proxy.port);
  const store = await open(url.href);
  const result = await appendLoops(store, async (progress) => {
    await until(() => progress() >= 20);
    // An append is one statement, whose last value is its name in `flush`.
    proxy.cutAfter("VALUES ($17", 6);
    await until(() => proxy.cuts() >= 3);
  });
  expect(proxy.cuts()).toBeGreaterThanOrEqual(3);
  await expectWhole(store, result);
});

test.each([
  { way: "in one statement", after: "VALUES ($11", slots: [] },
  { way: "in several", after: "COMMIT", slots: [{ slots: [{ key: "k", limit: 1 }] }] },
])("a run that is created $way is created once when the answer is lost", async (given) => {
  const proxy = await startCuttingProxy(server.port);
  opened.push({ close: proxy.stop });
  const url = new URL(server.url);
  url.port = String(proxy.port);
  const store = await open(url.href);
  proxy.cutAfter(given.after, 1);
  const id = `lost ${given.way}`;
  const run = newRun({ run: id, idempotencyKey: id, ...given.slots[0] });
  expect(await store.createRun(run)).toEqual({ run: id, existing: false });
  expect(proxy.cuts()).toBe(1);
  expect(await store.createRun(newRun({ run: "another", idempotencyKey: id }))).toEqual({
    run: id,
    existing: true,
  });
});

test("an entry that PostgreSQL refuses does not take its neighbours down", async () => {
  const store = await open();
  await store.beat("n", 600_000);
  const claims = [];
  for (const id of ["neighbour-1", "neighbour-2", "neighbour-3"]) {
    const { run } = await store.createRun(newRun({ run: id }));
    claims.push({ run, epoch: (await store.claim(run, "n"))?.epoch ?? 0 });
  }
  const answers = await Promise.allSettled(
    claims.map(({ run, epoch }, index) =>
      store.append(
        entry(run, epoch, 1, index === 1 ? { waits: { put: [{ path: "p", topic: "a\0b" }] } } : {}),
      ),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((await store.head("neighbour-2"))?.seq).toBe(1);
});

test("a server that stays away is reported as unreachable", async () => {
  const store = await open(server.url, 200);
  await server.chaos.end("fast");
  try {
    await expect(store.head("x")).rejects.toMatchObject({
      name: "StoreError",
      kind: "unreachable",
    });
    await expect(openPostgresStore({ url: server.url, patienceMs: 100 })).rejects.toThrow(
      StoreError,
    );
  } finally {
    await server.chaos.revive();
  }
  expect(await store.head("x")).toBeNull();
});

test("runs of a process that was killed are free when its lease is over, and its old epoch is fenced", async () => {
  const [one, two] = [await open(), await open()];
  await one.beat("one", 300);
  await two.beat("two", 60_000);
  const { run } = await one.createRun(newRun({ run: "orphan" }));
  const mine = await one.claim(run, "one");
  expect(await two.claim(run, "two")).toBeNull();
  let taken = null;
  while (taken === null) taken = await two.claim(run, "two");
  expect(taken.epoch).toBe((mine?.epoch ?? 0) + 1);
  expect(await one.append(entry(run, mine?.epoch ?? 0, 1))).toEqual({ kind: "fenced" });
});
