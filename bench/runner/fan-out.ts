/** One run with a list of 100,000 items: nothing else in the process waits for it, and a process that takes it over goes on with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Json } from "../../plan/expression.ts";
import { migrateDatabase, openRunner, type ModulePort, type Runner } from "../../runner/index.ts";
import { startPrivatePostgres } from "../../tools/services/private-postgres.ts";
import { report, type Figure } from "../report.ts";
import { fanOutPlan } from "./fan-out-plan.ts";
import { watchStalls } from "./stalls.ts";

const option = process.argv.find((argument) => argument.startsWith("--items="));
const items = Number(option?.slice("--items=".length) ?? 100_000);
const concurrency = 100;
/** After `--needs` each item needs the tenth before it. */
const dependence = process.argv.includes("--needs") ? { on: 10 } : undefined;
const plan = fanOutPlan(items, concurrency, dependence);

let calls = 0;
let told = (): void => {};
const work: ModulePort = {
  async call({ input }) {
    calls += 1;
    if (calls === Math.floor(items / 2)) told();
    const { n } = (input as { readonly x: { readonly n: number } }).x;
    return { ok: true, value: { of: n, text: "a short text" } };
  },
  check: async () => null,
  close: async () => {},
};

function itemOf(_: unknown, n: number): Json {
  const needs = dependence === undefined || n < dependence.on ? [] : [n - dependence.on];
  return { n, text: "an item of the list", needs };
}

function open(store: string): Promise<Runner> {
  return openRunner({ store, variables: {}, folder: "/", modules: work, takeOver: true });
}

async function figuresOf(name: string, store: string): Promise<Figure[]> {
  const xs = Array.from({ length: items }, itemOf);
  calls = 0;
  const middle = new Promise<void>((resolve) => (told = resolve));
  const first = await open(store);
  const before = process.memoryUsage().rss;
  const beganMs = performance.now();
  const endWatch = watchStalls();
  const started = await first.start({ plan, flow: "all", input: { xs } });
  if (!started.ok) throw new Error(started.message);
  const { run } = started;
  const startMs = performance.now() - beganMs;
  // In the middle another process takes it over.
  await middle;
  const half = endWatch();
  const halfMs = performance.now() - beganMs;
  await first.close();
  const second = await open(store);
  const takenMs = performance.now();
  const endSecond = watchStalls();
  const ended = await second.wait(run);
  const rest = endSecond();
  const seconds = (halfMs + performance.now() - takenMs) / 1_000;
  if (ended.status !== "succeeded") throw new Error(`${run} ${ended.status}`);
  const megabytes = (process.memoryUsage().rss - before) / 1e6;
  check((await second.show(run))?.output ?? null);
  await second.close();
  const bar = { want: "at most", floor: 20 } as const;
  return [
    { name: `${name}: start`, value: startMs, unit: "ms" },
    { name: `${name}: items`, value: items / seconds, unit: "items/s" },
    {
      name: `${name}: longest stretch of work, first half`,
      value: half.busiestMs,
      unit: "ms",
      bar,
    },
    {
      name: `${name}: longest stretch of work, taken over`,
      value: rest.busiestMs,
      unit: "ms",
      bar,
    },
    { name: `${name}: latest timer, first half`, value: half.maxMs, unit: "ms" },
    { name: `${name}: latest timer, taken over`, value: rest.maxMs, unit: "ms" },
    { name: `${name}: 99.9 % of timers`, value: Math.max(half.p999Ms, rest.p999Ms), unit: "ms" },
    { name: `${name}: memory more than before`, value: megabytes, unit: "MB" },
  ];
}

function check(output: Json): void {
  const { ok, failed } = output as {
    readonly ok: readonly Json[];
    readonly failed: readonly Json[];
  };
  if (ok.length !== items || failed.length > 0) throw new Error(`${ok.length} of ${items} items`);
  for (const [at, value] of ok.entries()) {
    if ((value as { readonly of: number }).of !== at) throw new Error(`item ${at} is out of order`);
  }
}

const folder = mkdtempSync(join(tmpdir(), "agentflow-bench-"));
const figures: Figure[] = [];
try {
  if (!process.argv.includes("--postgres-only"))
    figures.push(...(await figuresOf("file", join(folder, "store.db"))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (!process.argv.includes("--file-only")) {
  const server = await startPrivatePostgres();
  try {
    await migrateDatabase(server.url);
    figures.push(...(await figuresOf("PostgreSQL", server.url)));
  } finally {
    await server.stop();
  }
}
report("fan-out", figures);
