// The checks of the chaos find what is planted: else a chaos that finds nothing says nothing.
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { RunEvent } from "../../plan/history.ts";
import { migratePostgres } from "../../runner/store/postgres/migrate-postgres.ts";
import { openPostgresStore } from "../../runner/store/postgres/open-postgres-store.ts";
import { done, entry, going, newRun } from "../../runner/store/store-scene-conformance.ts";
import { sharedPostgres } from "../../tools/services/shared-postgres.ts";
import { checkCancels } from "./check-cancels.ts";
import { checkWrites } from "./check-writes.ts";
import type { RunRecord } from "./evidence.ts";
import type { FaultRecord } from "./fault-run.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { StartedRun } from "./load.ts";
import { chaosPlan } from "./program.ts";
import { stalled } from "./scripts.ts";
import { readWrites, watchWrites, type WatchedWrite } from "./write-watch.ts";

const schema = `chaos_checks_${process.pid}`;
let url: string;
let client: Client;

beforeAll(async () => {
  url = await sharedPostgres();
  await migratePostgres(url, { schema });
  client = new Client({ connectionString: url });
  await client.connect();
  for (const statement of watchWrites(schema)) await client.query(statement);
});

afterAll(() => client.end());

/** What the checks find of one run. */
async function faultsOf(run: string): Promise<readonly string[]> {
  const writes = await readWrites(url, schema);
  return checkWrites({ writes: writes.filter((write) => write.run === run) });
}

test("finds nothing in what owners with a lease write, one after the other", async () => {
  const store = await openPostgresStore({ url, schema });
  await store.createRun(newRun({ run: "good" }));
  for (const [index, session] of ["a", "b"].entries()) {
    await store.beat(session, 60_000);
    const claimed = await store.claim("good", session);
    expect(claimed?.epoch).toBe(index + 1);
    await store.append(
      entry("good", index + 1, index + 1, { head: going, events: [done(index + 2)] }),
    );
    await store.endSession(session);
  }
  await store.close();
  expect((await readWrites(url, schema)).filter(({ run }) => run === "good")).toHaveLength(4);
  expect(await faultsOf("good")).toEqual([]);
});

test("finds a write after the end of the writer's lease, which a store with a wrong clock takes", async () => {
  const nowMs = Date.now() - 60_000;
  const store = await openPostgresStore({ url, schema, now: () => nowMs });
  await store.createRun(newRun({ run: "late" }));
  await store.beat("slow", 9_000);
  await store.claim("late", "slow");
  const result = await store.append(entry("late", 1, 1, { head: going, events: [done(2)] }));
  expect(result.kind).toBe("ok");
  await store.close();
  expect(await faultsOf("late")).toEqual([
    expect.stringMatching(
      /^I7 events 2 to 2 were written by slow, \d+ ms after its lease had ended \[run late\]$/,
    ),
  ]);
});

test.each([
  ["a write without an owner", "seq = seq + 1", "I7 events 2 to 2 were written by somebody"],
  ["an epoch that falls", "epoch = epoch - 1", "I7 its epoch went from 1 to 0"],
  ["an epoch that is left out", "epoch = epoch + 2, owner = NULL", "I7 its epoch went from 1 to 3"],
  ["a history that loses events", "seq = seq - 1", "I1 it had 1 events, and then 0"],
])("finds %s", async (name, change, fault) => {
  const store = await openPostgresStore({ url, schema });
  const run = name.replaceAll(" ", "-");
  await store.createRun(newRun({ run }));
  await store.beat(run, 60_000);
  await store.claim(run, run);
  await store.release(run, 1);
  await store.close();
  await client.query(`UPDATE ${schema}.run SET ${change} WHERE id = $1`, [run]);
  expect((await faultsOf(run)).join("\n")).toContain(fault);
});

test("finds a run that is taken from an owner with a lease", async () => {
  const store = await openPostgresStore({ url, schema });
  await store.createRun(newRun({ run: "taken" }));
  await store.beat("owner", 60_000);
  await store.claim("taken", "owner");
  await store.close();
  await client.query(
    `UPDATE ${schema}.run SET owner = 'thief', epoch = epoch + 1 WHERE id = 'taken'`,
  );
  expect(await faultsOf("taken")).toEqual([
    "I7 epoch 2 was given away while owner had its lease [run taken]",
  ]);
});

const started: StartedRun = {
  run: "r",
  script: stalled,
  input: {},
  tag: "t1",
  key: "k",
  plan: chaosPlan(),
  cancelledAtMs: 10_000,
};

const requested: RunEvent = {
  seq: 2,
  atMs: 10_000,
  kind: "run.cancel-requested",
  reason: "chaos",
};

/** The run was cancelled at 10 s, which its history says from 10.2 s on, and it ended at `endedAtMs`. */
function cancelledRun(
  endedAtMs: number,
  call: Partial<LedgerEntry>,
  faults: readonly FaultRecord[] = [],
): readonly string[] {
  const head = { run: "r", flow: "stalled", status: "cancelled", endedAtMs } as RunRecord["head"];
  const write = (toSeq: number, atMs: number): WatchedWrite => ({
    run: "r",
    atMs,
    fromEpoch: 1,
    toEpoch: 1,
    fromSeq: toSeq - 1,
    toSeq,
    owner: "a",
    untilMs: atMs + 1_000,
    alone: false,
  });
  const called: LedgerEntry = {
    deed: "write",
    key: "r:stalled.a",
    worker: "worker-0.1",
    body: {},
    atMs: 9_000,
    answeredAtMs: 9_100,
    goneAtMs: 9_100,
    status: 200,
    ...call,
  };
  return checkCancels({
    started: [started],
    runs: new Map([["r", { head, output: null, events: [requested] }]]),
    ledger: [called],
    writes: [write(2, 10_200), write(3, endedAtMs)],
    faults,
  });
}

test.each([
  ["nothing in a run that ends at its cancellation", 10_400, {}, []],
  ["nothing in a compensation", 10_400, { key: "r:stalled.a!undo", atMs: 14_000 }, []],
  [
    "a call that begins when the history has the cancellation",
    10_400,
    { atMs: 13_000, goneAtMs: 13_100 },
    ["I13 r:stalled.a was called 2800 ms after run r had taken its cancellation"],
  ],
  [
    "a call that is still under way after the grace",
    10_400,
    { goneAtMs: 36_000 },
    ["I13 r:stalled.a was under way 25000 ms after its cancellation"],
  ],
  [
    "a run that ends after the grace",
    36_000,
    {},
    ["I13 run r (stalled) ended 26000 ms after its cancellation"],
  ],
] as const)("finds %s", (_name, endedAtMs, call, faults) => {
  expect(cancelledRun(endedAtMs, call)).toEqual(faults);
});

test("does not count the time in which PostgreSQL is away against a cancellation", () => {
  const away = (kind: "postgres-outage" | "redis-outage"): FaultRecord => ({
    fault: { atMs: 0, kind, victim: 0, forMs: 2_000, size: 0 },
    beganAtMs: 9_000,
    endedAtMs: 12_000,
  });
  expect(cancelledRun(36_000, {}, [away("postgres-outage")])).toEqual([]);
  expect(cancelledRun(36_000, {}, [away("redis-outage")])).toHaveLength(1);
});
