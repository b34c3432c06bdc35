/**
 * A million runs that sleep: what a process does all the time costs what there is to do, and not what there is. The runs are copies of one
 * that really went to sleep, made within the store's own tables.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { planHash } from "../../plan/hash.ts";
import type { Plan } from "../../plan/plan.ts";
import { migrateDatabase, openRunner, type Runner } from "../../runner/index.ts";
import type { Store } from "../../runner/ports/store.ts";
import { openPostgresStore } from "../../runner/store/postgres/open-postgres-store.ts";
import { PostgresDatabase } from "../../runner/store/postgres/postgres-database.ts";
import { openSqliteDatabase } from "../../runner/store/sqlite-database.ts";
import { openSqliteStore } from "../../runner/store/sqlite-store.ts";
import { startOwnPostgres } from "../../tools/services/private-postgres.ts";
import { quantile } from "../measure.ts";
import { report, type Figure } from "../report.ts";
import { chainPlan } from "./chain-plan.ts";
import { chainWork } from "./embedded-chains.ts";
import { watchStalls } from "./stalls.ts";

const option = process.argv.find((argument) => argument.startsWith("--runs="));
const sleeping = Number(option?.slice("--runs=".length) ?? 1_000_000);
const due = 1_000;
const far = "2099-01-01T00:00:00.000Z";

/** A flow `chain` that sleeps until the time it is given. */
function sleepPlan(): Plan {
  const { program, ...rest } = chainPlan(1);
  const { chain } = program.flows;
  const [step] = chain?.body.steps ?? [];
  if (chain === undefined || step === undefined) throw new Error("the chain has a step");
  const nap = {
    ...step,
    action: {
      kind: "call",
      callee: { kind: "sleep" },
      arguments: { until: { op: "name", name: "x" } },
    },
  } as const;
  const flows = { chain: { ...chain, body: { ...chain.body, steps: [nap] } } };
  const whole = { ...program, flows };
  return { ...rest, hash: planHash(whole), program: whole };
}

/** How a store is opened, and how its tables are filled. */
interface Place {
  readonly name: string;
  /** What a runner is given. */
  readonly address: string;
  openStore(): Promise<Store>;
  /** Copies the run so often, with another time to wake at. */
  copy(
    run: string,
    copies: { readonly prefix: string; readonly count: number; readonly until: number },
  ): Promise<void>;
}

function inFile(path: string): Place {
  return {
    name: "file",
    address: path,
    openStore: async () => openSqliteStore({ path, now: Date.now }),
    async copy(run, { prefix, count, until }) {
      const database = openSqliteDatabase(path);
      const time = new Date(until).toISOString();
      database.exec(`
        BEGIN;
        CREATE TEMP TABLE base AS SELECT max(n) AS n FROM run;
        WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < ${count})
        INSERT INTO run (n, id, flow, plan, status, priority, created_at, epoch, wake_at, waits_for, place)
          SELECT base.n + i, '${prefix}' || i, flow, plan, status, priority, created_at, epoch, ${until}, replace(waits_for, '${far}', '${time}'), place
          FROM number, base, run WHERE id = '${run}';
        INSERT INTO batch (run, last_seq, cost, tokens_in, tokens_out, body)
          SELECT run.n, b.last_seq, 0, 0, 0, replace(replace(b.body, '${run}', run.id), '${far}', '${time}')
          FROM run, base, batch b WHERE run.n > base.n AND b.run = (SELECT n FROM run WHERE id = '${run}') ORDER BY run.n, b.last_seq;
        DROP TABLE base;
        COMMIT`);
      database.close();
    },
  };
}

function inPostgres(url: string): Place {
  return {
    name: "PostgreSQL",
    address: url,
    openStore: () => openPostgresStore({ url }),
    async copy(run, { prefix, count, until }) {
      const database = new PostgresDatabase({
        url,
        schema: "agentflow",
        connections: 1,
        prepare: false,
        patienceMs: 20_000,
      });
      const time = new Date(until).toISOString();
      await database.query(
        `WITH made AS (
           INSERT INTO @run (id, flow, plan, status, priority, place, created_at, seq, epoch, wake_at, waits_for, cost, tokens_in, tokens_out)
           SELECT '${prefix}' || i, flow, plan, status, priority, place, created_at, seq, epoch, ${until}, replace(waits_for, '${far}', '${time}'), 0, 0, 0
           FROM generate_series(1, ${count}) i, @run WHERE id = $1 RETURNING n, id)
         INSERT INTO @batch (run, last_seq, body)
           SELECT made.n, b.last_seq, replace(replace(b.body, $1, made.id), '${far}', '${time}')
           FROM made, @batch b WHERE b.run = (SELECT n FROM @run WHERE id = $1)`,
        [run],
      );
      // Autovacuum would do this a minute later; what it and the disk make of so many rows at once is not the question here.
      for (const table of ["@run", "@batch"]) await database.query(`VACUUM ANALYZE ${table}`);
      await database.query("CHECKPOINT");
      await database.close();
    },
  };
}

const plan = sleepPlan();
const work = chainPlan(1);

function open(place: Place): Promise<Runner> {
  return openRunner({
    store: place.address,
    variables: {},
    folder: "/",
    modules: chainWork,
    takeOver: true,
  });
}

async function fallAsleep(place: Place): Promise<string> {
  const runner = await open(place);
  const started = await runner.start({ plan, flow: "chain", input: { x: far } });
  if (!started.ok) throw new Error(started.message);
  for (;;) {
    const run = await runner.show(started.run);
    if (run?.status === "waiting") break;
    await pause(20);
  }
  await runner.close();
  return started.run;
}

/** From nothing to the end of a run of one step, in milliseconds. */
async function boot(place: Place): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const beganMs = performance.now();
    const runner = await open(place);
    const started = await runner.start({ plan: work, flow: "chain", input: { x: { n: 1 } } });
    if (!started.ok) throw new Error(started.message);
    await runner.wait(started.run);
    times.push(performance.now() - beganMs);
    await runner.close();
  }
  return quantile(times, 0.5);
}

/** The slowest of the medians of what is asked again and again, in milliseconds, and which it is. */
async function questions(place: Place): Promise<readonly (readonly [string, number])[]> {
  const store = await place.openStore();
  const nowMs = Date.now();
  const asked: Record<string, () => Promise<unknown>> = {
    "what can go on": () => store.runnable({ nowMs, limit: 1_000 }),
    "when the next is due": () => store.nextWakeAtMs(nowMs),
    "what waits for nothing": () => store.unexplained(20),
    "how many wait for a worker": () => store.backlog(1_000),
    "the newest runs": () => store.list({ limit: 100 }),
    "runs that failed": () => store.list({ status: ["failed"], limit: 100 }),
    "runs that go on, wait or failed": () =>
      store.list({ status: ["running", "waiting", "failed"], flow: "chain" }),
  };
  const found: (readonly [string, number])[] = [];
  for (const [name, ask] of Object.entries(asked)) {
    const times: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const beganMs = performance.now();
      await ask();
      times.push(performance.now() - beganMs);
    }
    found.push([name, quantile(times, 0.5)]);
  }
  await store.close();
  return found;
}

/** How late runs wake that are all due at one instant: 99 % of them, in milliseconds; and the longest stretch of work. */
async function wake(
  place: Place,
  run: string,
): Promise<{ readonly late: number; readonly busiest: number; readonly cpuMs: number }> {
  const until = Math.ceil(Date.now() / 1_000) * 1_000 + 5_000;
  await place.copy(run, { prefix: "due-", count: due, until });
  const runner = await open(place);
  // They are taken up in the second before; what a new process does first is not what is timed.
  await pause(until - 1_500 - Date.now());
  const end = watchStalls();
  const { user, system } = process.cpuUsage();
  // Whoever waits for runs reads them when they end, and would be measured as well.
  await pause(until + 3_000 - Date.now());
  const { busiestMs } = end();
  const cpu = process.cpuUsage();
  const cpuMs = (cpu.user + cpu.system - user - system) / 1_000;
  for (let n = 1; n <= due; n += 1) await runner.wait(`due-${n}`);
  await runner.close();
  const store = await place.openStore();
  const late: number[] = [];
  for (let n = 1; n <= due; n += 1) {
    const fired = (await store.events(`due-${n}`, { afterSeq: 0 })).find(
      ({ kind }) => kind === "timer.fired",
    );
    if (fired === undefined || fired.atMs < until) throw new Error(`due-${n} did not wake in time`);
    late.push(fired.atMs - until);
  }
  await store.close();
  return { late: quantile(late, 0.99), busiest: busiestMs, cpuMs };
}

async function figuresOf(place: Place): Promise<Figure[]> {
  const run = await fallAsleep(place);
  const bootEmpty = await boot(place);
  const beganMs = performance.now();
  await place.copy(run, { prefix: "far-", count: sleeping, until: Date.parse(far) });
  console.error(`${place.name}: filled in ${Math.round(performance.now() - beganMs)} ms`);
  const bootFull = await boot(place);
  const asked = await questions(place);
  const { late, busiest, cpuMs } = await wake(place, run);
  const { name } = place;
  return [
    { name: `${name}: boot to the end of a run, nobody asleep`, value: bootEmpty, unit: "ms" },
    { name: `${name}: … with ${sleeping} asleep`, value: bootFull, unit: "ms" },
    {
      name: `${name}: one against the other`,
      value: bootFull / bootEmpty,
      unit: "×",
      bar: { want: "at most", floor: 1.5, goal: 1.1 },
    },
    ...asked.map(([question, ms]): Figure => ({
      name: `${name}: ${question}`,
      value: ms,
      unit: "ms",
      bar: { want: "at most", floor: 20, goal: 5 },
    })),
    {
      name: `${name}: ${due} due at one instant, 99 % wake within`,
      value: late,
      unit: "ms",
      bar: { want: "at most", floor: 250, goal: 50 },
    },
    { name: `${name}: processor time from there to their ends`, value: cpuMs, unit: "ms" },
    { name: `${name}: longest stretch of work meanwhile`, value: busiest, unit: "ms" },
  ];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const figures: Figure[] = [];
const folder = mkdtempSync(join(tmpdir(), "agentflow-bench-"));
try {
  if (!process.argv.includes("--postgres-only"))
    figures.push(...(await figuresOf(inFile(join(folder, "store.db")))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (!process.argv.includes("--file-only")) {
  const server = await startOwnPostgres();
  try {
    await migrateDatabase(server.url);
    figures.push(...(await figuresOf(inPostgres(server.url))));
  } finally {
    await server.stop();
  }
}
report("sleeping-runs", figures);
