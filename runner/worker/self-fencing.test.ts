import { afterEach, expect, test } from "vitest";

import { newRunOf } from "../../test/simulation/new-run.ts";
import { SimProcess } from "../../test/simulation/sim-process.ts";
import { value } from "../../test/simulation/plan-builder.ts";
import { oneCall } from "../../test/simulation/small-plans.ts";
import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import { compileProgram } from "../engine/compile-program.ts";
import { checkHistory } from "../engine/invariants.ts";
import { StoreError } from "../ports/store-error.ts";
import type { Store } from "../ports/store.ts";
import type { RunActivity } from "../steps/run-activity.ts";
import { MemoryStore } from "../store/memory-store.ts";

const program = oneCall({ restart: true, timeoutMs: value(600_000), concurrency: 1 });
const code = compileProgram(program);
const startMs = 1_000_000;

/** What becomes of calls of the store: `held` ones happen, and are answered, when they are let go. */
interface Cut {
  how: "on" | "refused" | "silent" | "held";
  readonly held?: (() => void)[];
}

/** Processes on one store, each behind a connection of its own, and when each of them was at work. */
function scene(workMs: number) {
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore({ now: () => clock.now() });
  const spans: { readonly process: string; readonly fromMs: number; toMs: number; how: string }[] =
    [];
  const work =
    (process: string): RunActivity =>
    (_activity, _run, { signal }) =>
      new Promise((resolve) => {
        const span = { process, fromMs: clock.now() - startMs, toMs: Infinity, how: "on" };
        spans.push(span);
        const over = (how: string): void => {
          Object.assign(span, { toMs: clock.now() - startMs, how });
          stop();
          resolve(
            how === "done"
              ? { ok: true, output: process }
              : { ok: false, code: "cancelled", message: how },
          );
        };
        const stop = clock.after(workMs, () => over("done"));
        signal.addEventListener("abort", () => over("aborted"));
      });
  const launch = (process: string, cut: Cut) => {
    const connection = new Proxy<Store>(store, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== "function") return member;
        return async (...given: unknown[]): Promise<unknown> => {
          if (cut.how === "refused") throw new StoreError("unreachable", "no connection");
          if (cut.how === "silent") return new Promise(() => undefined);
          if (cut.how === "held") await new Promise<void>((resolve) => cut.held?.push(resolve));
          return Reflect.apply(member, target, given);
        };
      },
    });
    return new SimProcess({
      name: process,
      store: connection,
      clock,
      plans: new Map([[program.hash, { plan: program, code }]]),
      runActivity: work(process),
      newId: () => "id",
      fate: () => "ok",
      onFault: () => undefined,
      onDeath: () => undefined,
    });
  };
  const until = (ms: number): Promise<void> => clock.pass(startMs + ms);
  return { clock, store, spans, launch, until };
}

async function start(store: Store, run = "r"): Promise<void> {
  await store.putPlan(program);
  await store.createRun(newRunOf(program, run, startMs));
}

const processes: SimProcess[] = [];
afterEach(() => {
  for (const process of processes.splice(0)) process.die();
});

test.each(["refused", "silent"] as const)(
  "a worker whose store is away (%s) stops what it does before somebody else may begin it",
  async (how) => {
    const { store, spans, launch, until } = scene(60_000);
    await start(store);
    const cut: Cut = { how: "on" };
    const first = launch("first", cut);
    const second = launch("second", { how: "on" });
    processes.push(first, second);
    await first.open();
    await until(10_500);
    await second.open();
    const lastBeatMs = (store.sessions.get("first") ?? 0) - startMs - 9_000;
    cut.how = how;
    await until(90_000);
    expect(spans.map(({ process, how: end }) => [process, end])).toEqual([
      ["first", "aborted"],
      ["second", "done"],
    ]);
    const [mine, theirs] = spans;
    expect(mine?.toMs).toBeLessThanOrEqual(lastBeatMs + 7_000);
    expect(mine?.toMs).toBeGreaterThan(lastBeatMs + 6_000);
    expect(theirs?.fromMs).toBeGreaterThanOrEqual(lastBeatMs + 9_000);
    expect(await store.head("r")).toMatchObject({ status: "succeeded" });
  },
);

test("it goes on with its runs when the store is back, under a new epoch", async () => {
  const { store, spans, launch, until } = scene(30_000);
  await start(store);
  const cut: Cut = { how: "on" };
  const only = launch("only", cut);
  processes.push(only);
  await only.open();
  for (const [awayMs, backMs] of [
    [10_000, 25_000],
    [40_000, 52_000],
  ] as const) {
    await until(awayMs);
    cut.how = "refused";
    await until(backMs);
    expect(spans.at(-1)?.how).toBe("aborted");
    cut.how = "on";
  }
  await until(100_000);
  expect(spans.map(({ how }) => how)).toEqual(["aborted", "aborted", "done"]);
  expect(await store.head("r")).toMatchObject({ status: "succeeded" });
  const events = await store.events("r", { afterSeq: 0 });
  expect(checkHistory(events, () => code)).toEqual([]);
  expect(events.filter(({ kind }) => kind === "run.interrupted")).toHaveLength(2);
});

test("it goes on with the first answer of the store, not with its next look", async () => {
  const { store, spans, launch, until } = scene(30_000);
  await start(store);
  const held: (() => void)[] = [];
  const cut: Cut = { how: "on", held };
  const only = launch("only", cut);
  processes.push(only);
  await only.open();
  await until(10_000);
  cut.how = "held";
  await until(20_300);
  expect(spans.map(({ how }) => how)).toEqual(["aborted"]);
  cut.how = "on";
  for (const letGo of held) letGo();
  await until(60_000);
  expect(spans.map(({ how, fromMs }) => [how, fromMs])).toEqual([
    ["aborted", 0],
    ["done", 20_300],
  ]);
});

test("a short outage interrupts nothing", async () => {
  const { store, spans, launch, until } = scene(30_000);
  await start(store);
  const cut: Cut = { how: "on" };
  const only = launch("only", cut);
  processes.push(only);
  await only.open();
  await until(10_000);
  cut.how = "refused";
  await until(13_500);
  cut.how = "on";
  await until(60_000);
  expect(spans.map(({ how }) => how)).toEqual(["done"]);
});

test("a process that stood still asks first whether it still owns its runs", async () => {
  const { store, spans, launch, until } = scene(40_000);
  await start(store);
  const only = launch("only", { how: "on" });
  processes.push(only);
  await only.open();
  await until(10_000);
  only.freeze(20_000);
  await until(80_000);
  expect(spans.map(({ how }) => how)).toEqual(["done"]);
});

test("a process that stops keeps its lease until what it has begun is over", async () => {
  const { store, spans, launch, until } = scene(20_000);
  await start(store);
  const [first, second] = [launch("first", { how: "on" }), launch("second", { how: "on" })];
  processes.push(first, second);
  await first.open();
  await until(2_000);
  await second.open();
  const closed = first.worker.close(30_000);
  await until(60_000);
  await closed;
  expect(spans.map(({ process, how }) => [process, how])).toEqual([["first", "done"]]);
  expect(await store.head("r")).toMatchObject({ status: "succeeded" });
});

test("a process that stops gives back at once what only waits for a limit", async () => {
  const { store, spans, launch, until } = scene(20_000);
  await start(store);
  const [first, second] = [launch("first", { how: "on" }), launch("second", { how: "on" })];
  processes.push(first, second);
  await first.open();
  await until(1_000);
  await start(store, "s");
  await until(3_000);
  expect((await store.head("s"))?.owner).toBe("first");
  const closed = first.worker.close(30_000);
  await until(4_000);
  expect((await store.head("s"))?.owner).toBeNull();
  expect((await store.head("r"))?.owner).toBe("first");
  await second.open();
  await until(60_000);
  await closed;
  expect(spans.map(({ process, how }) => [process, how])).toEqual([
    ["first", "done"],
    ["second", "done"],
  ]);
});

test("a process that stood still lets go of runs that nobody has any more", async () => {
  const { store, spans, launch, until } = scene(40_000);
  await start(store);
  const only = launch("only", { how: "on" });
  processes.push(only);
  await only.open();
  await until(10_000);
  only.freeze(20_000);
  await until(25_000);
  // Another process has looked for work, and given back what dead sessions had.
  await store.release("r", (await store.head("r"))?.epoch ?? 0);
  await until(33_000);
  expect(spans.map(({ how }) => how)).toEqual(["aborted", "on"]);
  expect(spans[0]?.toMs).toBeLessThan(32_000);
  await until(120_000);
  expect(await store.head("r")).toMatchObject({ status: "succeeded" });
  expect(checkHistory(await store.events("r", { afterSeq: 0 }), () => code)).toEqual([]);
});
