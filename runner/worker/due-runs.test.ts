import { afterEach, expect, test } from "vitest";

import { newRunOf } from "../../test/simulation/new-run.ts";
import {
  block,
  call,
  callTool,
  flow,
  plan,
  step,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";
import { SimProcess } from "../../test/simulation/sim-process.ts";
import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import type { Plan } from "../../plan/plan.ts";
import { compileProgram } from "../engine/compile-program.ts";
import type { Store } from "../ports/store.ts";
import { MemoryStore } from "../store/memory-store.ts";

const startMs = 1_000_000;
const napMs = 10_300;
const nap = call({ kind: "sleep" }, { for: value(napMs) });
const program = plan({ flows: { main: flow("main", block([step("nap", nap)], value(1))) } });
const busy = plan({
  tools: { t: tool() },
  flows: { main: flow("main", block([step("call", callTool("t", value(1)))], value(1))) },
});
const plans = new Map(
  [program, busy].map((each) => [each.hash, { plan: each, code: compileProgram(each) }]),
);

const processes: SimProcess[] = [];
afterEach(() => {
  for (const process of processes.splice(0)) process.die();
});

/** A process, and when it has asked its store for what; it has room for a hundred runs. */
function scene() {
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore({ now: () => clock.now() });
  const asked: { readonly what: string; readonly atMs: number }[] = [];
  const watched = new Proxy<Store>(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        asked.push({ what: String(key), atMs: clock.now() - startMs });
        return Reflect.apply(member, target, given);
      };
    },
  });
  const only = new SimProcess({
    name: "only",
    store: watched,
    clock,
    plans,
    runActivity: () =>
      new Promise((resolve) => clock.after(60_000, () => resolve({ ok: true, output: null }))),
    newId: () => "id",
    fate: () => "ok",
    onDeath: () => undefined,
  });
  processes.push(only);
  const timesOf = (what: string): readonly number[] =>
    asked.flatMap((question) => (question.what === what ? [question.atMs] : []));
  const until = (ms: number): Promise<void> => clock.pass(startMs + ms);
  const create = async (of: Plan, count: number): Promise<void> => {
    await store.putPlan(of);
    for (let n = 0; n < count; n += 1)
      await store.createRun(newRunOf(of, `${of === busy ? "b" : "r"}${n}`, clock.now()));
  };
  const start = async (count: number): Promise<void> => {
    await create(program, count);
    await only.open();
  };
  return { store, timesOf, until, start, create };
}

async function firedAtMs(store: Store, run: string): Promise<number | undefined> {
  const events = await store.events(run, { afterSeq: 0 });
  const fired = events.find(({ kind }) => kind === "timer.fired");
  return fired === undefined ? undefined : fired.atMs - startMs;
}

test("runs that are due soon are taken up before, and go on at their time", async () => {
  const { store, timesOf, until, start } = scene();
  await start(40);
  await until(15_000);
  for (let n = 0; n < 40; n += 1) expect(await firedAtMs(store, `r${n}`)).toBe(napMs);
  const again = timesOf("claim").slice(40);
  expect(again).toHaveLength(40);
  for (const atMs of again) {
    expect(atMs).toBeLessThan(napMs);
    expect(atMs).toBeGreaterThanOrEqual(napMs - 1_000);
  }
  // Nothing has come for them, so none of them looks.
  expect(timesOf("inbox")).toEqual([]);
  // Once a second, and once for those whose time is nearer than the next second.
  expect(timesOf("runnable").length).toBeLessThan(20);
});

test("runs that are due soon take no place that others could use", async () => {
  const { store, timesOf, until, start, create } = scene();
  await start(40);
  await until(2_000);
  await create(busy, 60);
  await until(napMs - 1);
  expect(timesOf("claim")).toHaveLength(100);
  await until(15_000);
  for (let n = 0; n < 40; n += 1)
    expect(await firedAtMs(store, `r${n}`)).toBeGreaterThanOrEqual(napMs);
  expect(timesOf("claim")).toHaveLength(140);
});

test("what is due and may not be taken is not looked for again and again", async () => {
  const { store, timesOf, until, start } = scene();
  await start(1);
  await until(2_000);
  await store.holds.put({ flow: "main", reason: "test", atMs: startMs });
  await until(30_000);
  expect(await firedAtMs(store, "r0")).toBeUndefined();
  expect(timesOf("runnable").length).toBeLessThan(35);
  await store.holds.lift("main");
  await until(40_000);
  expect(await store.head("r0")).toMatchObject({ status: "succeeded" });
});

test("what others leave for a run is found within a second, by one question for all runs", async () => {
  const { store, timesOf, until, start, create } = scene();
  await create(busy, 20);
  await start(0);
  await until(5_000);
  await store.deliver({ id: "c", run: "b7", atMs: startMs, kind: "cancel", reason: "enough" });
  await until(6_100);
  const kinds = (await store.events("b7", { afterSeq: 0 })).map(({ kind }) => kind);
  expect(kinds.at(-1)).toBe("run.cancel-requested");
  expect(timesOf("inbox")).toHaveLength(1);
  expect(timesOf("runsWithMail").length).toBeLessThan(8);
});

test("a run that is called off before its time does not begin, though it was taken up before", async () => {
  const { store, timesOf, until, start } = scene();
  await start(0);
  await store.putPlan(busy);
  const run = newRunOf(busy, "late", startMs);
  const notBeforeMs = startMs + napMs;
  const events = run.events.map((event) =>
    event.kind === "run.created" ? { ...event, notBeforeMs } : event,
  );
  await store.createRun({ ...run, wakeAtMs: notBeforeMs, events });
  await until(napMs - 100);
  expect(timesOf("claim")).toHaveLength(1);
  await store.deliver({ id: "c", run: "late", atMs: startMs, kind: "cancel", reason: "enough" });
  await until(napMs + 100);
  const kinds = (await store.events("late", { afterSeq: 0 })).map(({ kind }) => kind);
  expect(kinds).not.toContain("activity.started");
  expect(await store.head("late")).toMatchObject({ status: "cancelled" });
});
