import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import type { RunEvent } from "../plan/history.ts";
import type { Plan } from "../plan/plan.ts";
import {
  block,
  call,
  callTool,
  flow,
  name,
  plan,
  step,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import { bundleScript } from "../tools/services/bundle-script.ts";
import { startOwnRedis } from "../tools/services/private-redis.ts";
import { sharedPostgres } from "../tools/services/shared-postgres.ts";
import { openTestStore, type WorkerSettings } from "./fixtures/worker-settings.ts";
import { openRunner, type Runner, type TransportSettings } from "./index.ts";
import type { Store } from "./ports/store.ts";
import { migratePostgres } from "./store/postgres/migrate-postgres.ts";

const scratch = mkdtempSync(join(tmpdir(), "agentflow-distributed-"));
let redis: Awaited<ReturnType<typeof startOwnRedis>>;
let worker = "";
beforeAll(async () => {
  worker = await bundleScript(join(import.meta.dirname, "fixtures/worker-process.ts"));
  redis = await startOwnRedis();
}, 120_000);
afterAll(async () => {
  await redis.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const children = new Set<ChildProcess>();
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  for (const each of opened.splice(0).toReversed()) await each.close();
});

let count = 0;

interface Scene {
  readonly store: Store;
  readonly starter: Runner;
  readonly ledger: string;
  startWorker(): Promise<ChildProcess>;
}

/** A process that only starts runs, and what it takes to start workers beside it. */
async function scene(transport: TransportSettings, workMs: number): Promise<Scene> {
  count += 1;
  const ledger = join(scratch, `ledger-${count}`);
  writeFileSync(ledger, "");
  const address = { url: await sharedPostgres(), schema: `distributed_${process.pid}_${count}` };
  await migratePostgres(address.url, { schema: address.schema });
  const store = await openTestStore(address);
  const starter = await openRunner({
    store,
    variables: {},
    folder: "/",
    models: { kind: "mock" },
    modules: { call: async () => never(), check: async () => null, close: async () => {} },
    work: "none",
    transport,
  });
  opened.push(store, starter);
  const settings: WorkerSettings = { store: address, transport, ledger, workMs };
  return { store, starter, ledger, startWorker: () => startWorker(settings) };
}

async function startWorker(settings: WorkerSettings): Promise<ChildProcess> {
  const child = spawn(process.execPath, [worker, JSON.stringify(settings)], {
    stdio: ["ignore", "pipe", process.env["AGENTFLOW_TEST_LOG"] === "1" ? "inherit" : "ignore"],
  });
  children.add(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`a worker ended with ${code}`)));
  });
  return child;
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await gone;
}

function never(): never {
  throw new Error("a process that only starts runs made a call");
}

const steps = ["a", "b", "c", "d", "e"];

const chain = plan({
  tools: {
    note: tool({
      reach: { kind: "module", module: "./tools.ts", function: "note", secrets: {} },
      restart: true,
      effect: "read",
    }),
  },
  flows: {
    main: flow(
      "main",
      block(
        steps.map((id, index) =>
          step(id, callTool("note", value(id)), index === 0 ? [] : [steps[index - 1] ?? ""]),
        ),
        name("e"),
      ),
    ),
  },
});

const sleepMs = 2_500;

const sleeper = plan({
  flows: {
    main: flow(
      "main",
      block([step("z", call({ kind: "sleep" }, { for: value(sleepMs) }))], value("rested")),
    ),
  },
});

async function startRuns(
  starter: Runner,
  number: number,
  program: Plan = chain,
): Promise<string[]> {
  const started = await Promise.all(
    Array.from({ length: number }, () => starter.start({ plan: program, flow: "main", input: {} })),
  );
  return started.map((each) => {
    if (!each.ok) throw new Error(each.message);
    return each.run;
  });
}

const endedRuns = async (store: Store): Promise<number> =>
  (await store.list({ status: ["succeeded", "failed", "cancelled"], limit: 1_000 })).length;

/** Waits for so many runs to have ended. */
async function reached(store: Store, number: number, timeout = 20_000): Promise<void> {
  await vi.waitFor(async () => expect(await endedRuns(store)).toBeGreaterThanOrEqual(number), {
    timeout,
    interval: 20,
  });
}

/** Every run ended well, each step once; how often each effect was brought about, where that was more than once. */
async function checkAll(here: Scene, runs: readonly string[]): Promise<Map<string, number>> {
  const done = new Map<string, number>();
  for (const line of readFileSync(here.ledger, "utf8").trimEnd().split("\n")) {
    const [kind, , key = ""] = line.split(" ");
    if (kind === "done") done.set(key, (done.get(key) ?? 0) + 1);
  }
  for (const run of runs) {
    const events = await here.store.events(run, { afterSeq: 0 });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ kind: "run.ended", status: "succeeded" });
    expect(pathsOf(events)).toEqual(steps.map((id) => `main.${id}`));
  }
  expect(new Set([...done.keys()].map((key) => key.split(":")[0]))).toEqual(new Set(runs));
  return new Map([...done].filter(([, times]) => times > 1));
}

function pathsOf(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => (event.kind === "activity.succeeded" ? [event.path] : []));
}

test("three workers, Redis wiped twice, one worker killed: every run ends well and no finished step is repeated", async () => {
  const here = await scene({ kind: "redis", url: redis.url, concurrency: 6 }, 20);
  const [victim] = await Promise.all([here.startWorker(), here.startWorker(), here.startWorker()]);
  const admin = new Redis(redis.url);
  const runs = await startRuns(here.starter, 200);
  await reached(here.store, 30);
  await admin.flushall();
  await reached(here.store, 70);
  await end(victim, "SIGKILL");
  await reached(here.store, 110);
  await admin.flushall();
  admin.disconnect();
  await reached(here.store, 200);
  const repeated = await checkAll(here, runs);
  // Only what was in flight in the process that was killed may have been done again.
  expect(repeated.size).toBeLessThanOrEqual(6);
  for (const key of repeated.keys()) {
    const events = await here.store.events(key.split(":")[0] ?? "", { afterSeq: 0 });
    expect(events.some(({ kind }) => kind === "run.interrupted")).toBe(true);
  }
}, 60_000);

test("a worker that is told to end gives its runs to others, and nothing is done twice", async () => {
  const here = await scene({ kind: "redis", url: redis.url, prefix: "drain", concurrency: 6 }, 20);
  const [leaver] = await Promise.all([here.startWorker(), here.startWorker()]);
  const runs = await startRuns(here.starter, 60);
  await reached(here.store, 10);
  await end(leaver, "SIGTERM");
  expect(leaver.exitCode).toBe(0);
  await reached(here.store, 60);
  expect(await checkAll(here, runs)).toEqual(new Map());
}, 60_000);

test("a sleeping run takes no place and wakes on time; a run is cancelled from another process at once", async () => {
  const here = await scene(
    { kind: "redis", url: redis.url, prefix: "timers", concurrency: 6 },
    30_000,
  );
  await here.startWorker();
  const sleeping = await startRuns(here.starter, 3, sleeper);
  const [working = ""] = await startRuns(here.starter, 1);
  await vi.waitFor(() => expect(readFileSync(here.ledger, "utf8")).toContain(working), 5_000);
  await vi.waitFor(async () => {
    for (const run of sleeping) expect((await here.store.head(run))?.owner).toBe(null);
  }, 5_000);
  const atMs = Date.now();
  expect(await here.starter.cancel(working)).toMatchObject({ ok: true });
  await vi.waitFor(async () => expect((await here.store.head(working))?.status).toBe("cancelled"), {
    timeout: 5_000,
    interval: 10,
  });
  expect(Date.now() - atMs).toBeLessThan(1_000);
  await reached(here.store, 4);
  for (const run of sleeping) {
    const events = await here.store.events(run, { afterSeq: 0 });
    const fired = events.find(({ kind }) => kind === "timer.fired");
    const startedMs = events.find(({ kind }) => kind === "run.started")?.atMs ?? 0;
    const lateMs = (fired?.atMs ?? Infinity) - startedMs - sleepMs;
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(250);
  }
}, 60_000);

test("without Redis, workers share what the store says is ready", async () => {
  const here = await scene({ kind: "polling", concurrency: 6 }, 10);
  await Promise.all([here.startWorker(), here.startWorker()]);
  const runs = await startRuns(here.starter, 60);
  await reached(here.store, 60);
  expect(await checkAll(here, runs)).toEqual(new Map());
  const workers = new Set(
    readFileSync(here.ledger, "utf8")
      .split("\n")
      .flatMap((line) => line.split(" ")[1] ?? []),
  );
  expect(workers.size).toBe(2);
}, 60_000);
