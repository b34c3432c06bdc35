import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, afterEach, expect, test } from "vitest";

import {
  block,
  call,
  callTool,
  flow,
  name,
  param,
  plan,
  record,
  step,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import { watchStore } from "../test/simulation/watched-store.ts";
import type { Json } from "../plan/expression.ts";
import type { Plan, StepPlan, ToolPlan } from "../plan/plan.ts";
import { openRunner, type Runner } from "./index.ts";
import { MemoryStore } from "./store/memory-store.ts";

const folder = fileURLToPath(new URL("./fixtures", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "agentflow-fork-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const opened: Runner[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((runner) => runner.close({ graceMs: 100 })));
});

const { store, faults } = watchStore(new MemoryStore({ now: () => Date.now() }));
afterEach(async () => expect(await faults()).toEqual([]));

async function open(): Promise<Runner> {
  const options = { store, variables: {}, folder, models: { kind: "mock" } } as const;
  const runner = await openRunner(options);
  opened.push(runner);
  return runner;
}

/** The file in which the tools of a test note what they do. */
function ledger(id: string): { readonly file: string; readonly notes: () => readonly string[] } {
  const file = join(scratch, id);
  writeFileSync(file, "");
  return { file, notes: () => readFileSync(file, "utf8").split("\n").slice(0, -1) };
}

const module = (fn: string, more: Partial<ToolPlan> = {}): ToolPlan =>
  tool({ reach: { kind: "module", module: "./tools.ts", function: fn, secrets: {} }, ...more });

const tools = {
  note: module("note", { effect: "write" }),
  noteIf: module("noteIf", { effect: "write" }),
  cancel: module("note", { effect: "write" }),
};
/** A step that notes what `who` says, after the steps in `waits`. */
function noting(
  id: string,
  file: string,
  { who = value(id), waits = [] }: { who?: ReturnType<typeof value>; waits?: string[] } = {},
): StepPlan {
  return step(id, callTool("note", record({ file: value(file), name: who })), waits);
}

/** Steps a → b → c, of which b is given the input `x`. */
function chain(file: string, more: Partial<{ c: string; b: string }> = {}): Plan {
  const { b = "b", c = "c" } = more;
  const steps = [
    noting("a", file),
    noting(b, file, { who: name("x"), waits: ["a"] }),
    noting(c, file, { waits: [b] }),
  ];
  const main = flow("main", block(steps, name(c)), { params: [param("x"), param("y")] });
  return plan({ tools, flows: { main } });
}

async function start(runner: Runner, program: Plan, input: { [param: string]: Json } = {}) {
  const started = await runner.start({ plan: program, flow: "main", input });
  if (!started.ok) throw new Error(started.message);
  await runner.wait(started.run);
  return started.run;
}

async function fork(runner: Runner, run: string, options: Parameters<Runner["fork"]>[1] = {}) {
  const forked = await runner.fork(run, options);
  if (!forked.ok) throw new Error(forked.message);
  const { status } = await runner.wait(forked.run);
  return { run: forked.run, status };
}

test("what is given the same is taken over, the rest is done for the new run", async () => {
  const { file, notes } = ledger("edited");
  const runner = await open();
  const run = await start(runner, chain(file), { x: "one", y: 1 });
  const same = await fork(runner, run);
  expect(same.status).toBe("succeeded");
  expect(notes()).toHaveLength(3);
  const edited = await fork(runner, run, { input: { x: "two" } });
  expect(edited.run).not.toBe(run);
  expect(notes().slice(3)).toEqual([`two ${edited.run}:main.b`]);
  const detail = await runner.show(edited.run);
  expect(detail).toMatchObject({ status: "succeeded", input: { x: "two", y: 1 }, output: "c" });
  const [created] = await runner.events(edited.run);
  const { seq } = (await runner.events(run)).at(-1) ?? { seq: 0 };
  expect(created).toMatchObject({ forkedFrom: { run, seq }, trigger: { forks: run } });
});

test("what was finished after the step is done again", async () => {
  const { file, notes } = ledger("after");
  const runner = await open();
  const run = await start(runner, chain(file), { x: "one", y: 1 });
  const second = await fork(runner, run, { after: "main.b" });
  expect(notes().slice(3)).toEqual([`c ${second.run}:main.c`]);
  const third = await fork(runner, second.run, { after: "main.a" });
  expect(notes().slice(4)).toEqual([`one ${third.run}:main.b`, `c ${third.run}:main.c`]);
});

test("with another plan, its steps go on from what was finished", async () => {
  const { file, notes } = ledger("plan");
  const runner = await open();
  const run = await start(runner, chain(file), { x: "one", y: 1 });
  const forked = await fork(runner, run, { after: "main.b", plan: chain(file, { c: "d" }) });
  expect(forked.status).toBe("succeeded");
  expect(notes().slice(3)).toEqual([`d ${forked.run}:main.d`]);
});

test("a plan without a step that has acted is refused, as are steps and runs that are not there", async () => {
  const { file, notes } = ledger("refused");
  const runner = await open();
  const run = await start(runner, chain(file), { x: "one", y: 1 });
  const renamed = chain(file, { b: "renamed" });
  expect(await runner.fork(run, { plan: renamed })).toMatchObject({
    ok: false,
    code: "conflict",
    message: expect.stringContaining("main.b") as string,
  });
  expect(await runner.fork(run, { plan: renamed, after: "main.a" })).toMatchObject({ ok: true });
  expect(await runner.fork(run, { after: "main.z" })).toMatchObject({ code: "not_found" });
  expect(await runner.fork("nobody")).toMatchObject({ code: "not_found" });
  expect(notes().length).toBeGreaterThanOrEqual(3);
});

test("one key starts one fork", async () => {
  const { file } = ledger("key");
  const runner = await open();
  const run = await start(runner, chain(file), { x: "one", y: 1 });
  const options = { after: "main.a", idempotencyKey: "again" };
  const first = await runner.fork(run, options);
  expect(first).toMatchObject({ ok: true, existing: false });
  expect(await runner.fork(run, options)).toEqual({ ...first, existing: true });
});

/** a can be undone; b fails until its gate is there. */
function undoable(file: string, gate: string): Plan {
  const done = (text: string) => record({ file: value(file), name: value(text) });
  const undo = callTool("cancel", done("a undone"));
  const b = callTool("noteIf", value({ file, name: "b", gate }));
  const steps = [step("a", callTool("note", done("a"), { undo })), step("b", b, ["a"])];
  return plan({ tools, flows: { main: flow("main", block(steps, name("b"))) } });
}

test("what the other run has undone is done again, and then is the fork's to undo", async () => {
  const { file, notes } = ledger("undone");
  const runner = await open();
  const run = await start(runner, undoable(file, join(scratch, "never")));
  const words = () => notes().map((line) => line.split(" ").slice(0, -1).join(" "));
  expect(words()).toEqual(["a", "a undone"]);
  expect((await fork(runner, run)).status).toBe("failed");
  expect(words()).toEqual(["a", "a undone", "a", "a undone"]);
  expect(await runner.fork(run, { after: "main.a" })).toMatchObject({ code: "not_found" });
});

test("what the other run did is never undone by the fork, nor by a retry of it", async () => {
  const { file, notes } = ledger("not-mine");
  const gate = join(scratch, "not-mine-gate");
  const runner = await open();
  writeFileSync(gate, "");
  const run = await start(runner, undoable(file, gate));
  rmSync(gate);
  const forked = await fork(runner, run, { after: "main.a" });
  expect(forked.status).toBe("failed");
  expect(notes().map((line) => line.split(" ")[0])).toEqual(["a", "b"]);
  await runner.retry(forked.run);
  expect((await runner.wait(forked.run)).status).toBe("failed");
  writeFileSync(gate, "");
  await runner.retry(forked.run);
  expect((await runner.wait(forked.run)).status).toBe("succeeded");
  expect(notes().slice(2)).toEqual([`b ${forked.run}:main.b`]);
});

/** Step a is done by a tool of which one form gives a record and the other a text; b fails until its gate is there. */
function typed(type: "object" | "string", file: string, gate: string): Plan {
  const steps = [
    step("a", callTool("echo", name("x"))),
    step("b", callTool("noteIf", value({ file, name: "b", gate })), ["a"]),
  ];
  return plan({
    schemas: { given: { type } },
    tools: { ...tools, echo: module(type === "object" ? "run" : "note", { returns: "given" }) },
    flows: { main: flow("main", block(steps, name("a")), { params: [param("x")] }) },
  });
}

test("a value that no longer fits its step is made anew by a fork, and fails a retry", async () => {
  const { file } = ledger("typed");
  const gate = join(scratch, "typed-gate");
  const runner = await open();
  const x = { file, name: "one" };
  const run = await start(runner, typed("object", file, gate), { x });
  writeFileSync(gate, "");
  const renewed = typed("string", file, gate);
  const forked = await fork(runner, run, { plan: renewed });
  expect([forked.status, (await runner.show(forked.run))?.output]).toEqual(["succeeded", "one"]);
  expect(await runner.retry(run, { upgradeTo: renewed })).toMatchObject({ ok: true });
  expect(await runner.wait(run)).toMatchObject({
    status: "failed",
    error: { code: "invalid_output", step: "main.a" },
  });
});

test("a retry on a newer plan holds the limits of that plan for all runs", async () => {
  const { file } = ledger("limits");
  const gate = join(scratch, "limits-gate");
  const program = (concurrency?: { limit: number }): Plan =>
    plan({
      tools,
      flows: {
        main: flow("main", block([step("a", call({ kind: "flow", name: "one" }))], name("a"))),
        one: flow(
          "one",
          block([step("b", callTool("noteIf", value({ file, name: "b", gate })))], name("b")),
          concurrency === undefined ? {} : { concurrency },
        ),
      },
    });
  const runner = await open();
  const run = await start(runner, program());
  writeFileSync(gate, "");
  expect(await runner.retry(run, { upgradeTo: program({ limit: 1 }) })).toMatchObject({ ok: true });
  expect(await runner.wait(run)).toMatchObject({ status: "succeeded" });
  const events = await runner.events(run);
  expect(events.find(({ kind }) => kind === "run.retried")).toMatchObject({ limits: "all" });
  expect(events).toContainEqual(
    expect.objectContaining({ kind: "activity.started", activity: "slot" }),
  );
});
