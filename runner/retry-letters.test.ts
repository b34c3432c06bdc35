import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, afterEach, expect, test } from "vitest";

import {
  agent,
  block,
  call,
  callTool,
  field,
  flow,
  model,
  name,
  param,
  plan,
  record,
  solo,
  step,
  text,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import type { Plan } from "../plan/plan.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";
import { openRunner, type Runner, type RunnerOptions } from "./index.ts";

const folder = fileURLToPath(new URL("./fixtures", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "agentflow-letters-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const opened: Runner[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((runner) => runner.close({ graceMs: 100 })));
});

async function open(more: Partial<RunnerOptions> = {}): Promise<Runner> {
  const runner = await openRunner({
    store: null,
    variables: {},
    folder,
    models: { kind: "mock" },
    ...more,
  });
  opened.push(runner);
  return runner;
}

async function finish(runner: Runner, program: Plan): Promise<string> {
  const started = await runner.start({ plan: program, flow: "main", input: {} });
  if (!started.ok) throw new Error(started.message);
  await runner.wait(started.run);
  return started.run;
}

async function settle(runner: Runner, retried: { readonly ok: boolean }): Promise<string> {
  if (!("run" in retried)) throw new Error(JSON.stringify(retried));
  const run = String(retried.run);
  return (await runner.wait(run)).status;
}

const module = (fn: string) =>
  tool({ reach: { kind: "module", module: "./tools.ts", function: fn, secrets: {} } });
const lines = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];

const openLetters = async (runner: Runner) => runner.deadLetters.list({ status: "open" });

test("an item that failed is done again within its run, with what depends on it", async () => {
  const file = join(scratch, "items");
  const gate = join(scratch, "items-gate");
  const item = (id: string) => ({ file, name: id, gate: id === "b" ? gate : "" });
  const program = plan({
    tools: { note: module("noteIf"), run: module("run") },
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", {
              kind: "for",
              variable: "i",
              list: value([item("a"), item("b"), item("c")]),
              body: solo(callTool("note", name("i"))),
              maxItems: value(10),
              concurrency: value(1),
              tolerate: { count: value(1) },
              deadLetter: "items",
            }),
            step("told", callTool("run", field(name("a"), "ok")), ["a"]),
          ],
          name("told"),
        ),
      ),
    },
  });
  const runner = await open();
  const run = await finish(runner, program);
  expect((await runner.show(run))?.output).toEqual(["a", "c"]);
  const [letter] = await runner.deadLetters.list({ queue: "items" });
  expect(letter).toMatchObject({ run, path: "main.a[1]", status: "open" });
  expect(await runner.deadLetters.show(letter?.id ?? "")).toMatchObject({ input: item("b") });
  writeFileSync(gate, "");
  const before = lines(file);
  expect(await settle(runner, await runner.deadLetters.retry(letter?.id ?? ""))).toBe("succeeded");
  expect((await runner.show(run))?.output).toEqual(["a", "b", "c"]);
  expect(lines(file)).toEqual([...before, `b ${run}:main.a[1]`]);
  expect(await runner.deadLetters.show(letter?.id ?? "")).toMatchObject({ status: "retried" });
  expect(await openLetters(runner)).toEqual([]);
});

test("an item can be retried with something else", async () => {
  const file = join(scratch, "edited");
  const program = plan({
    tools: { note: module("noteIf") },
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", {
              kind: "for",
              variable: "i",
              list: value([{ file, name: "a", gate: join(scratch, "never") }]),
              body: solo(callTool("note", name("i"))),
              maxItems: value(10),
              concurrency: value(1),
              tolerate: { count: value(1) },
              deadLetter: "items",
            }),
          ],
          name("a"),
        ),
      ),
    },
  });
  const runner = await open();
  const run = await finish(runner, program);
  const [letter] = await openLetters(runner);
  const edited = { file, name: "z", gate: "" };
  await settle(runner, await runner.deadLetters.retry(letter?.id ?? "", edited));
  expect((await runner.show(run))?.output).toEqual({ ok: ["z"], failed: [] });
  expect(lines(file)).toEqual([`z ${run}:main.a[0]~2`]);
});

test("a compensation that was parked is done again in place, by its letter or with the run", async () => {
  const file = join(scratch, "undo");
  const gate = join(scratch, "undo-gate");
  const program = plan({
    tools: { note: module("noteIf"), fail: module("fail") },
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", {
              ...callTool("note", value({ file, name: "do", gate: "" })),
              undo: callTool("note", value({ file, name: "undo", gate })),
            }),
            step("b", callTool("fail", value(1)), ["a"]),
          ],
          name("b"),
        ),
      ),
    },
  });
  const runner = await open();
  const run = await finish(runner, program);
  const paths = async () => (await openLetters(runner)).map(({ path }) => path);
  expect(await paths()).toEqual(["main.a!undo", null]);
  expect(await runner.retry(run)).toMatchObject({ ok: true });
  expect((await runner.wait(run)).status).toBe("failed");
  // What could not be taken back is not done twice.
  expect(lines(file)).toEqual([`do ${run}:main.a`]);
  expect(await paths()).toEqual(["main.a!undo", null]);
  writeFileSync(gate, "");
  const parked = (await openLetters(runner)).find(({ path }) => path !== null);
  expect(await settle(runner, await runner.deadLetters.retry(parked?.id ?? ""))).toBe("failed");
  expect(lines(file)).toEqual([`do ${run}:main.a`, `undo ${run}:main.a!undo`]);
  expect(await paths()).toEqual([null]);
});

test("a kept run goes on in place; with another input it is a new run that names the old one", async () => {
  const program = plan({
    tools: { fail: module("fail") },
    flows: { main: flow("main", block([step("b", callTool("fail", value(1)))], name("b"))) },
  });
  const runner = await open();
  const run = await finish(runner, program);
  const [letter] = await openLetters(runner);
  expect(await runner.deadLetters.retry(letter?.id ?? "")).toEqual({ ok: true, run });
  await runner.wait(run);
  const [next] = await openLetters(runner);
  const started = await runner.deadLetters.retry(next?.id ?? "", {});
  if (!started.ok) throw new Error(started.message);
  expect(started.run).not.toBe(run);
  const [created] = await runner.events(started.run);
  expect(created).toMatchObject({ trigger: { deadLetter: next?.id, retries: run } });
});

test("a kept run whose retry with another input was not noted is not started a third time", async () => {
  const program = plan({
    tools: { fail: module("fail") },
    flows: {
      main: flow("main", block([step("b", callTool("fail", value(1)))], name("b")), {
        params: [param("p", { default: value(0) })],
      }),
    },
  });
  const runner = await open();
  await finish(runner, program);
  const [letter] = await openLetters(runner);
  const id = letter?.id ?? "";
  const noted = { plan: program, flow: "main", idempotencyKey: `dead-letter/${id}` };
  const before = await runner.start({ ...noted, input: { p: 1 } });
  if (!before.ok) throw new Error(before.message);
  expect(await runner.deadLetters.retry(id, { p: 2 })).toMatchObject({
    code: "conflict",
    message: `the dead letter ${id} was retried before, with another input: run ${before.run}`,
  });
  expect(await runner.deadLetters.show(id)).toMatchObject({ status: "retried" });
});

test("however often a run fails again, one letter of it is open, and the earlier ones say what became of them", async () => {
  const gate = join(scratch, "again-gate");
  const program = plan({
    tools: { note: module("noteIf") },
    flows: {
      main: flow(
        "main",
        solo(callTool("note", value({ file: join(scratch, "again"), name: "a", gate }))),
      ),
    },
  });
  const runner = await open();
  const run = await finish(runner, program);
  const [first] = await openLetters(runner);
  expect(await runner.retry(run)).toMatchObject({ ok: true });
  await runner.wait(run);
  const [second, ...others] = await openLetters(runner);
  expect([second?.run, others]).toEqual([run, []]);
  expect(await settle(runner, await runner.deadLetters.retry(second?.id ?? ""))).toBe("failed");
  const [third, ...rest] = await openLetters(runner);
  expect(rest).toEqual([]);
  for (const letter of [first, second])
    expect(await runner.deadLetters.show(letter?.id ?? "")).toMatchObject({ status: "retried" });
  writeFileSync(gate, "");
  expect(await settle(runner, await runner.deadLetters.retry(third?.id ?? ""))).toBe("succeeded");
  expect(await openLetters(runner)).toEqual([]);
});

test("a letter that a crash left open after its run was retried is closed by the next who retries it", async () => {
  const gate = join(scratch, "crash-gate");
  const program = plan({
    tools: { note: module("noteIf") },
    flows: {
      main: flow(
        "main",
        solo(callTool("note", value({ file: join(scratch, "crash"), name: "a", gate }))),
      ),
    },
  });
  const path = join(scratch, "crash.db");
  const store = openSqliteStore({ path, now: () => Date.now() });
  const runner = await open({
    store: { ...store, closeDeadLetter: () => Promise.reject(new Error("killed")) },
  });
  const run = await finish(runner, program);
  writeFileSync(gate, "");
  await expect(runner.retry(run)).rejects.toThrow("killed");
  expect((await runner.wait(run)).status).toBe("succeeded");
  const [letter] = await openLetters(runner);
  await runner.close();
  await store.close();
  const next = await open({ store: path });
  expect(await next.deadLetters.retry(letter?.id ?? "")).toEqual({ ok: true, run });
  expect(await openLetters(next)).toEqual([]);
  expect(lines(join(scratch, "crash"))).toHaveLength(1);
});

test("people are reminded, and the history says so", async () => {
  const program = plan({
    models: { team: model({ provider: "human", model: "inbox", remindMs: 5 }) },
    agents: {
      boss: agent({ model: "team", prompt: text("May we?"), timeoutMs: value(60_000) }),
    },
    flows: {
      main: flow(
        "main",
        block([step("a", call({ kind: "agent", name: "boss" }, {}))], record({ a: name("a") })),
      ),
    },
  });
  let reminded: (question: string) => void = () => undefined;
  const reminder = new Promise<string>((resolve) => {
    reminded = resolve;
  });
  const logged: string[] = [];
  const runner = await open({
    telemetry: { log: ({ message }) => logged.push(message) },
    people: {
      ask: async () => {
        await reminder;
        return "yes";
      },
      remind: (question) => reminded(question.text),
    },
  });
  const run = await finish(runner, program);
  expect(await reminder).toBe("May we?");
  expect((await runner.show(run))?.output).toEqual({ a: "yes" });
  const events = await runner.events(run);
  expect(events).toContainEqual(
    expect.objectContaining({ kind: "timer.fired", timer: "remind", path: "main.a" }),
  );
  expect(logged).toContain(`boss was reminded: run ${run} waits for an answer at main.a`);
});
