import { afterEach, expect, test } from "vitest";

import { newRunOf } from "../../test/simulation/new-run.ts";
import { SimProcess } from "../../test/simulation/sim-process.ts";
import { oneCall } from "../../test/simulation/small-plans.ts";
import { VirtualClock } from "../../test/simulation/virtual-clock.ts";
import { compileProgram } from "../engine/compile-program.ts";
import { checkHistory } from "../engine/invariants.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { CannotRunHere } from "./let-go.ts";

const program = oneCall();
const code = compileProgram(program);
const startMs = 1_000_000;

function scene() {
  const clock = new VirtualClock(startMs);
  const store = new MemoryStore({ now: () => clock.now() });
  const processes: SimProcess[] = [];
  const launch = (id: string, fault: () => Error | null): SimProcess => {
    const process = new SimProcess({
      name: id,
      store,
      clock,
      plans: new Map([[program.hash, { plan: program, code }]]),
      runActivity: () => Promise.resolve({ ok: true, output: id }),
      newId: () => "id",
      fate: () => "ok",
      onDeath: () => undefined,
      fault,
    });
    processes.push(process);
    return process;
  };
  const until = (ms: number): Promise<void> => clock.pass(startMs + ms);
  const start = async (run: string): Promise<void> => {
    await store.putPlan(program);
    await store.createRun(newRunOf(program, run, startMs));
  };
  return { clock, store, launch, until, start, processes };
}

let open: SimProcess[] = [];
afterEach(() => {
  for (const process of open) process.die();
  open = [];
});

test("a run that a process lacks something for says so, and goes on in another one", async () => {
  const { store, launch, until, start, processes } = scene();
  open = processes;
  await start("r");
  await launch("poor", () => new CannotRunHere("config.key is missing")).open();
  await until(3_000);
  expect(await store.head("r")).toMatchObject({
    status: "queued",
    owner: null,
    waitsFor: "a process that can go on with it: config.key is missing",
  });
  await launch("rich", () => null).open();
  await until(6_000);
  expect(await store.head("r")).toMatchObject({ status: "succeeded" });
  expect(await store.output("r")).toBe("rich");
});

test("it is tried again where something was lacking", async () => {
  const { store, launch, until, start, processes, clock } = scene();
  open = processes;
  await start("r");
  const lacking = (): boolean => clock.now() < startMs + 20_000;
  await launch("only", () => (lacking() ? new CannotRunHere("no file") : null)).open();
  await until(70_000);
  expect(await store.head("r")).toMatchObject({ status: "succeeded" });
});

test("a run that nobody can go on with is paused with the reason; others go on, and so does it once it is resumed", async () => {
  const { store, launch, until, start, processes } = scene();
  open = processes;
  await start("bad");
  let mended = false;
  const messages = new Error("event 3 speaks of what does not exist");
  const process = launch("first", () => (mended ? null : messages));
  await process.open();
  await until(3_000);
  expect(await store.head("bad")).toMatchObject({
    status: "paused",
    owner: null,
    waitsFor: "somebody to look at it: event 3 speaks of what does not exist",
  });
  mended = true;
  await start("good");
  await until(6_000);
  expect(await store.head("good")).toMatchObject({ status: "succeeded" });
  expect(await store.head("bad")).toMatchObject({ status: "paused" });
  await store.deliver({ id: "i", run: "bad", atMs: startMs + 6_000, kind: "resume" });
  await until(70_000);
  expect(await store.head("bad")).toMatchObject({ status: "succeeded" });
  expect(checkHistory(await store.events("bad", { afterSeq: 0 }), () => code)).toEqual([]);
});

test("a process that works for all does not remember for ever what it could not go on with", async () => {
  const { launch, until, start, processes } = scene();
  open = processes;
  const { worker } = launch("only", () => new Error("damaged"));
  await start("old");
  await worker.open();
  await until(3_000);
  expect(worker.faultOf("old")?.message).toBe("damaged");
  await until(70_000);
  await start("new");
  await until(75_000);
  expect([worker.faultOf("old"), worker.faultOf("new")?.message]).toEqual([undefined, "damaged"]);
});
