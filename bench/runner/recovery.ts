/** How soon work goes on when a worker is killed, when Redis has lost everything, and how fast it goes while Redis is away. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";

import { Redis } from "ioredis";

import { migrateDatabase, openRunner, type Runner } from "../../runner/index.ts";
import { startOwnPostgres } from "../../tools/services/private-postgres.ts";
import { startOwnRedis } from "../../tools/services/private-redis.ts";
import { report } from "../report.ts";
import { chainPlan } from "./chain-plan.ts";
import { chainWork } from "./embedded-chains.ts";

const root = join(import.meta.dirname, "../..");
/** Long enough that all are under way when harm is done. */
const long = { plan: chainPlan(600), runs: 60 };
const many = { plan: chainPlan(60), runs: 600 };
const short = { plan: chainPlan(10), runs: 600 };
const lookMs = 50;
const patienceMs = 120_000;

const postgres = await startOwnPostgres();
const redis = await startOwnRedis();
const workers = new Set<ChildProcess>();
process.once("exit", () => {
  for (const worker of workers) worker.kill("SIGKILL");
});
await migrateDatabase(postgres.url);
const settings = {
  store: postgres.url,
  transport: { kind: "redis", url: redis.url, concurrency: 40 },
  maxRuns: 100,
} as const;
const runner = await openRunner({
  ...settings,
  variables: {},
  folder: "/",
  modules: chainWork,
  work: "none",
});
try {
  const [victim] = await Promise.all([startWorker(), startWorker()]);
  await finish(await start(short));
  const killed = await afterKill(victim);
  await startWorker();
  const wiped = await afterWipe();
  await rate();
  const withRedis = await rate();
  await redis.chaos.kill();
  await rate();
  const withoutRedis = await rate();
  report("recovery", [
    {
      name: "kill -9: the last of its runs goes on elsewhere",
      value: killed,
      unit: "s",
      bar: { want: "at most", floor: 10, goal: 5 },
    },
    {
      name: "Redis wiped: longest time in which no queued run began",
      value: wiped,
      unit: "s",
      bar: { want: "at most", floor: 5, goal: 2 },
    },
    { name: "chains of ten steps, with Redis", value: withRedis, unit: "steps/s" },
    { name: "the same while Redis is down", value: withoutRedis, unit: "steps/s" },
    {
      name: "down against up",
      value: withoutRedis / withRedis,
      unit: "×",
      bar: { want: "at least", floor: 0.5, goal: 0.8 },
    },
  ]);
} finally {
  for (const worker of workers) worker.kill("SIGKILL");
  await runner.close({ graceMs: 0 });
  await redis.stop();
  await postgres.stop();
}

/** Seconds until every run has got further. Those of the other worker have done so at once. */
async function afterKill(victim: ChildProcess): Promise<number> {
  const runs = await start(long);
  await begun(runs, runs.length * 0.9);
  workers.delete(victim);
  victim.kill("SIGKILL");
  const killedAtMs = Date.now();
  const lastSeq = new Map<string, number>();
  for (const run of runs) lastSeq.set(run, (await runner.events(run)).at(-1)?.seq ?? 0);
  let slowestMs = 0;
  await until(async () => {
    for (const [run, seq] of lastSeq) {
      const [next] = await runner.events(run, seq);
      const ended = (await runner.list({ limit: 1_000 })).some(
        ({ id, endedAtMs }) => id === run && endedAtMs !== null,
      );
      if (next === undefined && !ended) continue;
      lastSeq.delete(run);
      slowestMs = Math.max(slowestMs, (next?.atMs ?? killedAtMs) - killedAtMs);
    }
    return lastSeq.size === 0;
  });
  await finish(runs);
  return slowestMs / 1_000;
}

/** Seconds. Runs are short enough that without harm one begins every few milliseconds. */
async function afterWipe(): Promise<number> {
  const admin = new Redis(redis.url);
  const runs = await start(many);
  await begun(runs, 60);
  await admin.flushall();
  const wipedAtMs = Date.now();
  admin.disconnect();
  await finish(runs);
  const beginnings = await Promise.all(
    runs.map(async (run) => {
      const [, started] = await runner.events(run);
      return started?.atMs ?? 0;
    }),
  );
  const times = [wipedAtMs, ...beginnings.filter((atMs) => atMs > wipedAtMs)].sort((a, b) => a - b);
  const gaps = times.map((atMs, index) => atMs - (times[index - 1] ?? atMs));
  return Math.max(...gaps) / 1_000;
}

/** Steps a second. */
async function rate(): Promise<number> {
  const beganAtMs = performance.now();
  await finish(await start(short));
  return (short.runs * 10 * 1_000) / (performance.now() - beganAtMs);
}

async function start({ plan, runs }: typeof long): Promise<string[]> {
  return Promise.all(
    Array.from({ length: runs }, async () => {
      const started = await runner.start({ plan, flow: "chain", input: { x: { n: 0 } } });
      if (!started.ok) throw new Error(started.message);
      return started.run;
    }),
  );
}

async function begun(runs: readonly string[], count: number): Promise<void> {
  await until(
    async () =>
      (await statuses(runs, ["running", "waiting"])) >= count ||
      (await statuses(runs, ["succeeded"])) > 0,
  );
}

async function finish(runs: readonly string[]): Promise<void> {
  await until(async () => (await statuses(runs, ["succeeded"])) === runs.length);
}

async function statuses(
  runs: readonly string[],
  status: readonly ("running" | "waiting" | "succeeded")[],
): Promise<number> {
  const known = new Set(runs);
  const found: Awaited<ReturnType<Runner["list"]>> = await runner.list({ status, limit: 1_000 });
  return found.filter(({ id }) => known.has(id)).length;
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  const lastMs = Date.now() + patienceMs;
  while (!(await reached())) {
    if (Date.now() > lastMs) throw new Error("it takes too long");
    await new Promise((resolve) => {
      setTimeout(resolve, lookMs);
    });
  }
}

async function startWorker(): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "distributed-worker.ts");
  const child = spawn(
    process.execPath,
    [join(root, "tools/run.js"), script, JSON.stringify(settings)],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  workers.add(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`a worker ended with ${code}`)));
  });
  return child;
}
