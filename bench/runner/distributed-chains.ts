import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

import { migrateDatabase, openRunner, type TransportSettings } from "../../runner/index.ts";
import { startPrivatePostgres } from "../../tools/services/private-postgres.ts";
import { startPrivateRedis } from "../../tools/services/private-redis.ts";
import { builtWorker } from "./built-worker.ts";
import { chainPlan } from "./chain-plan.ts";
import { chainLength, chainWork, inParallel, type Chains } from "./embedded-chains.ts";

/** What a worker process has used so far. */
export interface WorkerUse {
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Since the last time, of runs that said when they were sent. */
  readonly latenciesMs: readonly number[];
}

export interface DistributedChains extends Chains {
  use(): Promise<readonly WorkerUse[]>;
  /** Starts one run of one step, and says in its input when. */
  ping(): Promise<void>;
  /** Redis is gone from now on. */
  cutRedis(): Promise<void>;
}

const checkMs = 20;

/**
 * Chains on workers in processes of their own, with their truth in PostgreSQL, which syncs every commit, and their notices through
 * BullMQ on Redis, or none. This process starts the runs and does no work on them.
 */
export async function distributedChains(options: {
  readonly workers: number;
  readonly transport: "redis" | "polling";
}): Promise<DistributedChains> {
  const postgres = await startPrivatePostgres();
  let redis = options.transport === "redis" ? await startPrivateRedis() : null;
  await migrateDatabase(postgres.url);
  const store = `${postgres.url}?prepare=1`;
  const transport: TransportSettings =
    redis === null ? { kind: "polling" } : { kind: "redis", url: redis.url };
  const settings = JSON.stringify({ store, transport, maxRuns: 100 });
  const script = await builtWorker();
  const workers = await Promise.all(
    Array.from({ length: options.workers }, () => startWorker(script, settings)),
  );
  const starter = await openRunner({
    store,
    transport,
    variables: {},
    folder: "/",
    modules: chainWork,
    work: "none",
  });
  const plan = chainPlan(chainLength);
  const single = chainPlan(1);

  async function one(): Promise<void> {
    const started = await starter.start({ plan, flow: "chain", input: { x: { n: 0 } } });
    if (!started.ok) throw new Error(started.message);
  }

  return {
    async run({ runs, concurrency }) {
      await inParallel({ runs, concurrency }, one);
      for (;;) {
        const open = await starter.list({ status: ["queued", "running", "waiting"], limit: 1 });
        if (open.length === 0) break;
        await new Promise((resolve) => setTimeout(resolve, checkMs));
      }
      const [bad] = await starter.list({ status: ["failed", "cancelled", "paused"], limit: 1 });
      if (bad !== undefined) throw new Error(`${bad.id} ${bad.status}: ${bad.error?.message}`);
    },
    use: () => Promise.all(workers.map(useOf)),
    async ping() {
      const sentAtMs = performance.timeOrigin + performance.now();
      const input = { x: { n: 0, sentAtMs } };
      const started = await starter.start({ plan: single, flow: "chain", input });
      if (!started.ok) throw new Error(started.message);
    },
    async cutRedis() {
      await redis?.stop();
      redis = null;
    },
    async close() {
      await starter.close();
      await Promise.all(workers.map(stop));
      await redis?.stop();
      await postgres.stop();
    },
  };
}

async function startWorker(script: string, settings: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  await nextLine(child);
  return child;
}

function nextLine(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error("the worker has no output");
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stdout });
    lines.once("line", (line) => {
      lines.close();
      resolve(line);
    });
    child.once("exit", (code) => reject(new Error(`a worker ended with ${code}`)));
  });
}

async function useOf(child: ChildProcess): Promise<WorkerUse> {
  const line = nextLine(child);
  child.kill("SIGUSR2");
  return JSON.parse(await line) as WorkerUse;
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
