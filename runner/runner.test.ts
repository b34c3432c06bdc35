import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, afterEach, expect, test } from "vitest";

import type { Json } from "../plan/expression.ts";
import type { Plan } from "../plan/plan.ts";
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
  retry,
  step,
  text,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import { openRunner, type Runner, type RunnerOptions } from "./index.ts";

const folder = fileURLToPath(new URL("./fixtures", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "agentflow-runner-"));
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

async function start(
  runner: Runner,
  program: Plan,
  input: { readonly [name: string]: Json } = {},
  more: object = {},
): Promise<string> {
  const started = await runner.start({ plan: program, flow: "main", input, ...more });
  if (!started.ok) throw new Error(started.message);
  return started.run;
}

async function finish(
  runner: Runner,
  program: Plan,
  input: { readonly [name: string]: Json } = {},
) {
  const run = await start(runner, program, input);
  const { status, error } = await runner.wait(run);
  const detail = await runner.show(run);
  return { run, status, error, output: detail?.output ?? null, steps: detail?.steps ?? [] };
}

const module = (fn: string, more: object = {}) =>
  tool({ reach: { kind: "module", module: "./tools.ts", function: fn, secrets: {} }, ...more });
const any = { any: {} };

test("steps run in order through modules, and the run says what it did", async () => {
  const program = plan({
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", callTool("t", name("x"))),
            step("b", callTool("t", record({ was: name("a") })), ["a"]),
          ],
          name("b"),
        ),
        { params: [param("x")] },
      ),
    },
    tools: { t: module("run") },
  });
  const runner = await open();
  const result = await finish(runner, program, { x: 7 });
  expect(result).toMatchObject({ status: "succeeded", output: { was: 7 }, error: null });
  expect(result.steps.map((view) => [view.path, view.kind, view.callee, view.status])).toEqual([
    ["main.a", "tool", "t", "succeeded"],
    ["main.b", "tool", "t", "succeeded"],
  ]);
  const events = await runner.events(result.run);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  expect(await runner.list()).toMatchObject([
    { id: result.run, flow: "main", status: "succeeded" },
  ]);
});

test("agents answer through the mock model, and it is the same again for the same seed", async () => {
  const program = plan({
    schemas: {
      ...any,
      mood: {
        type: "object",
        properties: {
          mood: { enum: ["good", "bad"] },
          sure: { type: "number", minimum: 0, maximum: 1 },
        },
        required: ["mood", "sure"],
        additionalProperties: false,
      },
    },
    agents: { judge: agent({ returns: "mood", prompt: text("Judge ", name("x")) }) },
    flows: {
      main: flow(
        "main",
        block([step("a", call({ kind: "agent", name: "judge" }, { x: value("this") }))], name("a")),
      ),
    },
  });
  const first = await finish(await open(), program);
  const second = await finish(await open(), program);
  expect(first.output).toMatchObject({ mood: expect.stringMatching(/good|bad/) });
  expect(second.output).toEqual(first.output);
  expect(first.steps[0]).toMatchObject({
    kind: "agent",
    callee: "judge",
    status: "succeeded",
    cost: 0,
  });
  expect(first.steps[0]?.tokensIn).toBeGreaterThan(0);
});

test("a person is asked at once when there is one, else answers later by command; a wrong answer is asked again", async () => {
  const program = plan({
    schemas: {
      ...any,
      decision: {
        type: "object",
        properties: { approved: { type: "boolean" } },
        required: ["approved"],
        additionalProperties: false,
      },
    },
    models: { team: model({ provider: "human", model: "inbox", channel: "#x" }) },
    agents: {
      boss: agent({
        returns: "decision",
        model: "team",
        prompt: text("May we?"),
        timeoutMs: value(60_000),
      }),
    },
    flows: {
      main: flow(
        "main",
        block(
          [step("a", call({ kind: "agent", name: "boss" }, { x: value(1) }))],
          field(name("a"), "approved"),
        ),
      ),
    },
  });
  const asked: string[] = [];
  const there = await open({
    people: {
      ask: async (question) => {
        asked.push(question.text);
        return asked.length === 1 ? 3 : { approved: true };
      },
    },
  });
  expect(await finish(there, program)).toMatchObject({ status: "succeeded", output: true });
  expect(asked.length).toBe(2);

  const later = await open();
  const run = await start(later, program);
  expect(await later.wait(run)).toMatchObject({ status: "waiting" });
  const [task] = await later.tasks(run);
  expect(task).toMatchObject({ agent: "boss", question: "May we?", channel: "#x" });
  expect(await later.answer(run, task?.path ?? "", 3)).toMatchObject({
    ok: false,
    code: "invalid_input",
  });
  expect(await later.answer(run, "main.nope", { approved: true })).toMatchObject({
    ok: false,
    code: "not_found",
  });
  expect(await later.answer(run, "main.a", { approved: false })).toEqual({ ok: true });
  expect(await later.wait(run)).toMatchObject({ status: "succeeded" });
  expect((await later.show(run))?.output).toBe(false);
  expect(await later.tasks()).toEqual([]);
});

test("an awaited event wakes its run, and an event from another run does too", async () => {
  const wait = flow(
    "main",
    block(
      [
        step(
          "a",
          call({ kind: "receive" }, { topic: value("t.done") }, { timeoutMs: value(60_000) }),
        ),
      ],
      name("a"),
    ),
  );
  const program = plan({
    flows: {
      main: wait,
      tell: flow(
        "tell",
        block([
          step("e", call({ kind: "emit" }, { topic: value("t.done"), data: value({ n: 2 }) })),
        ]),
      ),
    },
  });
  const runner = await open();
  const one = await start(runner, program);
  await runner.wait(one, { untilWaiting: true });
  expect(await runner.emit({ topic: "t.other", data: 1 })).toEqual({ delivered: 0 });
  expect(await runner.emit({ topic: "t.done", data: 1 })).toEqual({ delivered: 1 });
  expect(await runner.wait(one)).toMatchObject({ status: "succeeded" });
  const two = await start(runner, program);
  await runner.wait(two, { untilWaiting: true });
  const told = await runner.start({ plan: program, flow: "tell", input: {} });
  await runner.wait(told.ok ? told.run : "");
  expect(await runner.wait(two)).toMatchObject({ status: "succeeded" });
});

test("a cancelled run aborts what is under way, undoes what was done, and ends", async () => {
  const file = join(scratch, "cancel.txt");
  const noteOf = (text_: string) => value({ file, name: text_, until: join(scratch, "never") });
  const program = plan({
    tools: { note: module("note"), hang: module("hang"), undo: module("note") },
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", callTool("note", noteOf("a"), { undo: callTool("undo", noteOf("undo-a")) })),
            step("b", callTool("hang", noteOf("b")), ["a"]),
          ],
          name("b"),
        ),
      ),
    },
  });
  const runner = await open();
  const run = await start(runner, program);
  await expect.poll(() => read(file), { timeout: 10_000 }).toContain("b ");
  expect(await runner.cancel(run, "enough")).toMatchObject({ ok: true });
  expect(await runner.wait(run)).toMatchObject({
    status: "cancelled",
    error: { code: "cancelled" },
  });
  expect(
    read(file)
      .split("\n")
      .map((line) => line.split(" ")[0]),
  ).toEqual(["a", "b", "undo-a", ""]);
  expect(await runner.cancel(run)).toMatchObject({ ok: false, code: "conflict" });
  expect((await runner.show(run))?.steps.map((view) => view.status)).toEqual([
    "undone",
    "cancelled",
  ]);
});

test("a failed run is kept with its input, and retrying it does not repeat what succeeded", async () => {
  const file = join(scratch, "retry.txt");
  const program = plan({
    tools: { note: module("note"), fail: module("fail"), hang: module("run") },
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", callTool("note", value({ file, name: "a" }))),
            step("b", callTool("fail", value(1)), ["a"]),
          ],
          name("b"),
        ),
        { deadLetter: "failed" },
      ),
    },
  });
  const runner = await open();
  const result = await finish(runner, program);
  expect(result).toMatchObject({
    status: "failed",
    error: { code: "conflict", message: "it can't be done", step: "main.b" },
  });
  const [letter] = await runner.deadLetters.list({ queue: "failed" });
  expect(letter).toMatchObject({ run: result.run, status: "open", path: null });
  expect(await runner.retry(result.run)).toMatchObject({ ok: true });
  expect(await runner.wait(result.run)).toMatchObject({ status: "failed" });
  expect(read(file)).toBe(`a ${result.run}:main.a\n`);
  expect(await runner.deadLetters.show(letter?.id ?? "")).toMatchObject({ status: "retried" });
  const [open2, ...others] = await runner.deadLetters.list({ status: "open" });
  expect(others).toEqual([]);
  const again = await runner.deadLetters.retry(open2?.id ?? "");
  expect(again).toEqual({ ok: true, run: result.run });
  expect(await runner.deadLetters.show(open2?.id ?? "")).toMatchObject({ status: "retried" });
  expect(await runner.deadLetters.discard(open2?.id ?? "", "x")).toMatchObject({ ok: false });
});

test("one key starts one run", async () => {
  const program = plan({ flows: { main: flow("main", block([], value(1))) } });
  const runner = await open();
  const first = await runner.start({ plan: program, flow: "main", input: {}, idempotencyKey: "k" });
  const second = await runner.start({
    plan: program,
    flow: "main",
    input: {},
    idempotencyKey: "k",
  });
  expect(first).toMatchObject({ ok: true, existing: false });
  expect(second).toEqual({ ...first, existing: true });
});

test("one key stands for one request", async () => {
  const flows = {
    main: flow("main", block([], value(1)), { params: [param("p")] }),
    other: flow("other", block([], value(1)), { params: [param("p")] }),
  };
  const program = plan({ flows });
  const runner = await open();
  const start = (of: string, p: number) =>
    runner.start({ plan: program, flow: of, input: { p }, idempotencyKey: "k" });
  const first = await start("main", 1);
  expect(await start("main", 1)).toEqual({ ...first, existing: true });
  const run = first.ok ? first.run : "";
  expect(await start("main", 2)).toEqual({
    ok: false,
    code: "conflict",
    message: `the key "k" has started run ${run} with other input: one key stands for one request; use another key for another one`,
  });
  expect(await start("other", 1)).toMatchObject({
    code: "conflict",
    message: expect.stringContaining(`run ${run} of main`) as string,
  });
  const elsewhere = { plan: program, flow: "main", input: { p: 1 }, environment: "test" };
  expect(await runner.start({ ...elsewhere, idempotencyKey: "k" })).toMatchObject({
    message: expect.stringContaining(`run ${run} without an environment`) as string,
  });
  expect(await runner.fork(run, { idempotencyKey: "k" })).toMatchObject({
    message: expect.stringContaining(`run ${run} that is no fork`) as string,
  });
  expect(await runner.list({})).toHaveLength(1);
});

test("a start that can't work is refused with everything that is wrong", async () => {
  const program = plan({
    schemas: {
      ...any,
      url: { type: "string", format: "uri" },
      int: { type: "integer" },
      input: {
        type: "object",
        properties: { n: { type: "integer" } },
        required: ["n"],
        additionalProperties: false,
      },
    },
    config: {
      site: { schema: "url", secret: false, variable: "SITE" },
      key: { schema: "any", secret: true, variable: "KEY" },
      unused: { schema: "int", secret: false, variable: "UNUSED" },
    },
    models: { fast: model(), claude: model({ provider: "anthropic", model: "claude" }) },
    agents: { writer: agent({ model: "claude" }) },
    tools: {
      t: module("run"),
      lost: tool({ reach: { kind: "module", module: "./nowhere.ts", function: "f", secrets: {} } }),
    },
    flows: {
      main: flow(
        "main",
        block([
          step(
            "a",
            callTool("t", list2({ op: "config", name: "site" }, { op: "config", name: "key" })),
          ),
        ]),
        { params: [param("n")], input: "input" },
      ),
      other: flow(
        "other",
        block([
          step("a", call({ kind: "agent", name: "writer" }, { x: value(1) })),
          step("b", callTool("lost", value(1))),
        ]),
      ),
    },
  });
  const runner = await open({ models: { kind: "real" }, variables: { SITE: "not a url" } });
  expect(await runner.start({ plan: program, flow: "main", input: { n: "x" } })).toMatchObject({
    ok: false,
    code: "invalid_input",
    problems: [{ path: "n" }],
  });
  const missing = await runner.start({ plan: program, flow: "main", input: { n: 1 } });
  expect(missing).toMatchObject({
    ok: false,
    code: "AF7006",
    problems: [
      { path: "config.site" },
      { path: "config.key", message: expect.stringContaining("KEY") },
    ],
  });
  const unreachable = await runner.start({ plan: program, flow: "other", input: {} });
  expect(unreachable).toMatchObject({
    ok: false,
    problems: [
      { path: "agent writer", message: expect.stringContaining("anthropic") },
      { path: "tool lost" },
    ],
  });
  expect(await runner.list()).toEqual([]);
});

test("sleeping and backoff take their time and no longer", async () => {
  const program = plan({
    tools: {
      fail: module("fail", { retry: retry(2, { fromMs: 30, toMs: 30, retryOn: ["conflict"] }) }),
    },
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", call({ kind: "sleep" }, { for: value(40) })),
            step("b", callTool("fail", value(1)), ["a"]),
          ],
          name("b"),
        ),
      ),
    },
  });
  const runner = await open();
  const result = await finish(runner, program);
  expect(result).toMatchObject({ status: "failed", error: { attempts: 2 } });
  const events = await runner.events(result.run);
  const fired = events.flatMap((event) =>
    event.kind === "timer.fired" ? [event.atMs - event.dueMs] : [],
  );
  expect(fired.length).toBe(2);
  for (const late of fired) expect(late).toBeGreaterThanOrEqual(0);
});

function list2(...items: { op: "config"; name: string }[]) {
  return { op: "list", items } as const;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
