/**
 * Much that comes into one run, and values of 50 MB that go through it: while they are taken in, stored and given on, nothing else in the
 * process waits for them, and when the run is gone nothing of them is left.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Json } from "../../plan/expression.ts";
import { planHash } from "../../plan/hash.ts";
import type { Plan, StepPlan } from "../../plan/plan.ts";
import { migrateDatabase, openRunner, type ModulePort, type Runner } from "../../runner/index.ts";
import type { Store } from "../../runner/ports/store.ts";
import { openPostgresStore } from "../../runner/store/postgres/open-postgres-store.ts";
import { openSqliteStore } from "../../runner/store/sqlite-store.ts";
import { startPrivatePostgres } from "../../tools/services/private-postgres.ts";
import { report, type Figure } from "../report.ts";
import { chainPlan } from "./chain-plan.ts";
import { watchStalls } from "./stalls.ts";

const numberOption = (name: string, otherwise: number): number => {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return Number(given?.slice(name.length + 3) ?? otherwise);
};
const events = numberOption("events", 10_000);
const megabytes = numberOption("megabytes", 50);
const bar = { want: "at most", floor: 20 } as const;

const work: ModulePort = {
  call: async ({ input }) => ({ ok: true, value: (input as { readonly x: Json }).x }),
  check: async () => null,
  close: async () => {},
};

/** A flow `chain` that waits for so many events at once. */
function inboxPlan(): Plan {
  const { program, ...rest } = chainPlan(1);
  const { chain } = program.flows;
  const [call] = chain?.body.steps ?? [];
  if (chain === undefined || call?.action.kind !== "call") throw new Error("the chain has a step");
  const waits: StepPlan = {
    ...call,
    path: "chain.all[].s0",
    action: {
      kind: "call",
      callee: { kind: "receive" },
      arguments: { topic: { op: "name", name: "topic" } },
    },
  };
  const all: StepPlan = {
    ...call,
    action: {
      kind: "for",
      variable: "topic",
      list: { op: "name", name: "x" },
      body: { lets: [], steps: [waits], output: { op: "name", name: "s0" }, outputWaits: [] },
      maxItems: { op: "value", value: events },
      concurrency: { op: "value", value: events },
    },
  };
  const whole = {
    ...program,
    flows: { chain: { ...chain, body: { ...chain.body, steps: [all] } } },
  };
  return { ...rest, hash: planHash(whole), program: whole };
}

function open(store: string): Promise<Runner> {
  return openRunner({ store, variables: {}, folder: "/", modules: work, takeOver: true });
}

async function start(runner: Runner, plan: Plan, x: Json): Promise<string> {
  const started = await runner.start({ plan, flow: "chain", input: { x } });
  if (!started.ok) throw new Error(started.message);
  return started.run;
}

async function succeed(runner: Runner, run: string): Promise<void> {
  const { status } = await runner.wait(run);
  if (status !== "succeeded") throw new Error(`${run} ${status}`);
}

/** Events that one run waits for, sent a hundred at a time. */
async function fanIn(name: string, address: string, store: Store): Promise<Figure[]> {
  const runner = await open(address);
  const topics = Array.from({ length: events }, (_, n) => `topic.${n}`);
  const run = await start(runner, inboxPlan(), topics);
  await runner.wait(run, { untilWaiting: true });
  const end = watchStalls();
  const beganMs = performance.now();
  const time = new Date().toISOString();
  for (let at = 0; at < events; at += 100)
    await Promise.all(
      topics
        .slice(at, at + 100)
        .map((topic) => store.publish({ id: topic, topic, time, data: { topic } })),
    );
  await runner.resume(run);
  await succeed(runner, run);
  const seconds = (performance.now() - beganMs) / 1_000;
  const { busiestMs } = end();
  const output = (await runner.show(run))?.output as readonly { readonly topic: string }[];
  if (output.length !== events || output.some(({ topic }, at) => topic !== topics[at]))
    throw new Error("events are missing");
  await runner.close();
  return [
    { name: `${name}: events into one run`, value: events / seconds, unit: "events/s" },
    { name: `${name}: … longest stretch of work`, value: busiestMs, unit: "ms", bar },
  ];
}

/** A value that goes through three calls, whose parts are stored once. */
async function largeValue(name: string, address: string, value: Json): Promise<Figure[]> {
  const runner = await open(address);
  const end = watchStalls();
  const beganMs = performance.now();
  const run = await start(runner, chainPlan(3), value);
  await succeed(runner, run);
  const seconds = (performance.now() - beganMs) / 1_000;
  const { busiestMs } = end();
  await runner.close();
  const reader = await open(address);
  const endRead = watchStalls();
  const detail = await reader.show(run);
  const read = endRead();
  if (JSON.stringify(detail?.output) !== JSON.stringify(value)) throw new Error("another value");
  await reader.close();
  return [
    { name: `${name}: through three calls`, value: seconds, unit: "s" },
    { name: `${name}: … longest stretch of work`, value: busiestMs, unit: "ms", bar },
    { name: `${name}: … while it is read`, value: read.busiestMs, unit: "ms", bar },
  ];
}

/** Retention takes all runs, and what only they have used; gives how many parts there were. */
async function clear(store: Store): Promise<number> {
  await store.retention.purgeRuns({ endedBeforeMs: 1e15, limit: 100 });
  await store.retention.clearPurged({ limit: 1_000_000 });
  await store.log.trim({ beforeMs: 1e15, limit: 1e9 });
  let parts = 0;
  for (let swept = 1; swept > 0; parts += swept)
    swept = await store.retention.sweepPayloads({ limit: 100 });
  return parts;
}

async function figuresOf(name: string, address: string, store: Store): Promise<Figure[]> {
  const rows = (megabytes * 1e6) / 220;
  const list = Array.from({ length: rows }, (_, n): Json => ({ n, text: `${n} `.repeat(30) }));
  const text = "a long text, ".repeat((megabytes * 1e6) / 13);
  const figures = [
    ...(await fanIn(name, address, store)),
    ...(await largeValue(`${name}: a list of ${megabytes} MB`, address, list)),
    ...(await largeValue(`${name}: a text of ${megabytes} MB`, address, text)),
  ];
  const end = watchStalls();
  const parts = await clear(store);
  const { busiestMs } = end();
  if (parts < megabytes) throw new Error(`only ${parts} parts were stored`);
  await store.close();
  return [
    ...figures,
    { name: `${name}: swept when the runs are gone`, value: parts, unit: "parts" },
    { name: `${name}: … longest stretch of work`, value: busiestMs, unit: "ms" },
  ];
}

const figures: Figure[] = [];
const folder = mkdtempSync(join(tmpdir(), "agentflow-bench-"));
try {
  if (!process.argv.includes("--postgres-only")) {
    const path = join(folder, "store.db");
    figures.push(...(await figuresOf("file", path, openSqliteStore({ path, now: Date.now }))));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (!process.argv.includes("--file-only")) {
  const server = await startPrivatePostgres();
  try {
    await migrateDatabase(server.url);
    const store = await openPostgresStore({ url: server.url });
    figures.push(...(await figuresOf("PostgreSQL", server.url, store)));
  } finally {
    await server.stop();
  }
}
report("large-values", figures);
