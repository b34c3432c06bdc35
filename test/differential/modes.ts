import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openRunner } from "../../runner/index.ts";
import type { Runner, RunnerOptions } from "../../runner/index.ts";
import type { ModulePort } from "../../runner/ports/tool.ts";
import { migratePostgres } from "../../runner/store/postgres/migrate-postgres.ts";
import { openPostgresStore } from "../../runner/store/postgres/open-postgres-store.ts";
import { sharedPostgres } from "../../tools/services/shared-postgres.ts";
import { fastClock } from "../e2e/fast-clock.ts";

/** The ways in which runs are carried: all in one process, through PostgreSQL alone, or with BullMQ beside it. */
export const modes = ["embedded", "polling", "distributed"] as const;
export type Mode = (typeof modes)[number];

export interface ModeOptions {
  readonly mode: Mode;
  /** A server that may be shared by all tests; only `distributed` uses it. */
  readonly redisUrl: string;
  readonly variables?: { readonly [name: string]: string };
  readonly models?: RunnerOptions["models"];
  readonly modules?: () => ModulePort;
  readonly folder?: string;
}

export interface Opened {
  /** Starts runs; except in `embedded`, it does none of their work. */
  readonly runner: Runner;
  readonly close: () => Promise<void>;
}

/** One for all, as the clocks of machines agree. */
const clock = fastClock(5);

let opened = 0;

export async function openMode(options: ModeOptions): Promise<Opened> {
  return options.mode === "embedded" ? openEmbedded(options) : openShared(options);
}

async function openEmbedded(options: ModeOptions): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-differential-"));
  const runner = await openRunner({ ...common(options), store: join(folder, "agentflow.db") });
  return {
    runner,
    async close() {
      await runner.close({ graceMs: 1_000 });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One that starts runs, and two workers: each has a store and a transport of its own, as in processes of their own. */
async function openShared(options: ModeOptions): Promise<Opened> {
  opened += 1;
  const name = `differential_${process.pid}_${opened}`;
  const url = await sharedPostgres();
  await migratePostgres(url, { schema: name });
  const transport: RunnerOptions["transport"] =
    options.mode === "polling"
      ? { kind: "polling", concurrency: 50 }
      : { kind: "redis", url: options.redisUrl, prefix: name, concurrency: 50 };
  const open = async (work: "none" | "all"): Promise<Opened> => {
    const opened = await openPostgresStore({ url, schema: name, connections: 3 });
    // The time that a renewal of the lease may wait for company is not that of the fast clock.
    const store = { ...opened, beat: (id: string, ttlMs: number) => opened.beat(id, ttlMs) };
    const runner = await openRunner({ ...common(options), store, work, transport });
    return {
      runner,
      async close() {
        await runner.close({ graceMs: 1_000 });
        await store.close();
      },
    };
  };
  const starter = await open("none");
  const workers = await Promise.all([open("all"), open("all")]);
  return {
    runner: starter.runner,
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await starter.close();
    },
  };
}

function common(options: ModeOptions): Omit<RunnerOptions, "store"> {
  const { variables = {}, folder = "/", models = { kind: "mock", people: true } } = options;
  const modules = options.modules?.();
  return {
    variables,
    folder,
    models,
    clock,
    ...(modules === undefined ? {} : { modules }),
  };
}
