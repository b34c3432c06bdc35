// A process is abandoned before or after each write to its store, in a file and in PostgreSQL; another goes on, and all ends as if
// nothing had happened.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { planHash } from "../../plan/hash.ts";
import type { Plan } from "../../plan/plan.ts";
import { openRunner } from "../../runner/index.ts";
import type { OperatedRunner } from "../../runner/index.ts";
import type { Store } from "../../runner/ports/store.ts";
import { migratePostgres } from "../../runner/store/postgres/migrate-postgres.ts";
import { openPostgresStore } from "../../runner/store/postgres/open-postgres-store.ts";
import { openSqliteStore } from "../../runner/store/sqlite-store.ts";
import { deploy } from "../../runner/triggers/deploy.ts";
import { sharedPostgres } from "../../tools/services/shared-postgres.ts";
import { faultyStore } from "../simulation/faulty-store.ts";
import { servicePlan } from "../simulation/service-plan.ts";
import { Random } from "../simulation/random.ts";

const plan = withoutRate(servicePlan(new Random(1)));
const startMs = Date.parse("2026-01-01T00:00:30Z");

/** Nobody has time to wait for it here. */
function withoutRate(made: Plan): Plan {
  const tools = Object.fromEntries(
    Object.entries(made.program.tools).map(([name, { rate: _rate, ...tool }]) => [name, tool]),
  );
  const program = { ...made.program, tools };
  return { ...made, program, hash: planHash(program) };
}

interface Place {
  readonly open: (now: () => number) => Promise<Store>;
  readonly remove: () => Promise<void> | void;
}

async function inFile(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-crash-points-"));
  const path = join(folder, "agentflow.db");
  return {
    open: (now) => Promise.resolve(openSqliteStore({ path, now })),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

let places = 0;

async function inPostgres(): Promise<Place> {
  places += 1;
  const schema = `crash_points_${process.pid}_${places}`;
  const url = await sharedPostgres();
  await migratePostgres(url, { schema });
  return {
    open: (now) => openPostgresStore({ url, schema, now, connections: 2 }),
    remove: () => undefined,
  };
}

/** One process: takes a tick, an event and a wish, and does what follows from them, until all has ended or it is stopped. */
async function serve(
  store: Store,
  { nowMs, stopAt }: { readonly nowMs: number; readonly stopAt: number },
): Promise<number> {
  let calls = 0;
  let alive = true;
  let stopped = (): void => undefined;
  const end = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const die = (): void => {
    alive = false;
    stopped();
  };
  const faulty = faultyStore(store, {
    isAlive: () => alive,
    awake: () => Promise.resolve(),
    die,
    fate() {
      calls += 1;
      if (calls === Math.ceil(stopAt / 2)) return stopAt % 2 === 1 ? "crash-before" : "crash-after";
      return "ok";
    },
  });
  const originMs = performance.now();
  const clock = {
    now: () => nowMs + Math.floor(performance.now() - originMs),
    monotonic: () => performance.now(),
    after(delayMs: number, callback: () => void) {
      const timer = setTimeout(() => alive && callback(), delayMs);
      return () => clearTimeout(timer);
    },
  };
  const opening = openRunner({
    store: faulty,
    variables: {},
    folder: "/",
    models: { kind: "mock" },
    takeOver: true,
    modules: {
      call: ({ input }) => Promise.resolve({ ok: true, value: Number(input["x"]) + 1 }),
      check: () => Promise.resolve(null),
      close: () => Promise.resolve(),
    },
    clock,
  }).then((runner) => work(runner, store));
  await Promise.race([opening, end]);
  alive = false;
  return calls;
}

async function work(runner: OperatedRunner, store: Store): Promise<void> {
  await runner.emit({ topic: "news.today", data: 1, id: "news" });
  await runner.start({ plan, flow: "alone", input: { p: 3 }, idempotencyKey: "wish" });
  for (const duty of runner.operations.duties)
    if (duty.name === "cron" || duty.name === "events") await duty.turn();
  await runner.recover();
  for (const { run } of await store.list({})) await runner.wait(run);
}

async function outcome(store: Store): Promise<readonly string[]> {
  const heads = await store.list({});
  const told = heads.map(async ({ run, flow, status, seq }) =>
    JSON.stringify([flow, status, await store.output(run), seq > 3]),
  );
  return (await Promise.all(told)).sort();
}

/** In PostgreSQL every fifth point: each needs tables of its own. */
for (const [where, place, stride] of [
  ["a file", inFile, 1],
  ["PostgreSQL", inPostgres, 5],
] as const) {
  test(
    `a process that ends at any write to a store in ${where}`,
    { timeout: 120_000 },
    async () => {
      const once = async (stopAt: number): Promise<{ calls: number; ends: readonly string[] }> => {
        const { open, remove } = await place();
        let nowMs = startMs;
        const deployment = {
          program: "service",
          planHash: plan.hash,
          environment: "",
          folder: "/",
          mocked: true,
          atMs: nowMs,
        };
        const first = await open(() => nowMs);
        await deploy(first, { deployment, plan });
        nowMs += 40_000;
        const calls = await serve(first, { nowMs, stopAt });
        await first.close();
        const second = await open(() => nowMs);
        // The lease of the one that ended has run out.
        nowMs += 10_000;
        if (stopAt > 0) await serve(second, { nowMs, stopAt: 0 });
        const ends = await outcome(second);
        await second.close();
        await remove();
        return { calls, ends };
      };
      const undisturbed = await once(0);
      expect(undisturbed.ends.length).toBe(3);
      for (let at = 1; at <= undisturbed.calls * 2; at += stride)
        expect((await once(at)).ends, `stopped at ${at}`).toEqual(undisturbed.ends);
    },
  );
}
