// Programs that are deployed: their schedules and events start runs, each once, and operators can stop and catch up.
import { afterEach, expect, test } from "vitest";

import { compile } from "../../compiler/index.ts";
import type { Json } from "../../plan/expression.ts";
import type { Plan } from "../../plan/plan.ts";
import {
  openRunner,
  type Clock,
  type OperatedRunner,
  type RunnerOptions,
} from "../../runner/index.ts";

const minuteMs = 60_000;
const startMs = Date.parse("2024-01-01T00:00:00Z");

/** Stands still for `now` unless it is moved; timers run as usual. */
class HandClock implements Clock {
  nowMs = startMs;
  now(): number {
    return this.nowMs;
  }
  monotonic(): number {
    return performance.now();
  }
  after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  }
}

const opened: OperatedRunner[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((runner) => runner.close({ graceMs: 0 })));
});

const logged: string[] = [];

async function open(
  more: Partial<RunnerOptions> = {},
): Promise<{ readonly runner: OperatedRunner; readonly clock: HandClock }> {
  const clock = new HandClock();
  logged.length = 0;
  const runner = await openRunner({
    store: null,
    variables: {},
    folder: "/",
    models: { kind: "mock" },
    clock,
    telemetry: { log: ({ message }) => void logged.push(message) },
    ...more,
  });
  opened.push(runner);
  return { runner, clock };
}

function compiled(text: string): Plan {
  const { plan, diagnostics } = compile(
    { read: (path) => (path === "main.agentflow" ? text : null) },
    "main.agentflow",
  );
  if (plan === null)
    throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n"));
  return plan;
}

async function turn(runner: OperatedRunner, name: string): Promise<void> {
  const duty = runner.operations.duties.find((candidate) => candidate.name === name);
  if (duty === undefined) throw new Error(`there is no duty ${name}`);
  await duty.turn();
}

async function deploy(runner: OperatedRunner, text: string): Promise<void> {
  const done = await runner.operations.deploy({ program: "p", plan: compiled(text) });
  if (!done.ok) throw new Error(done.message);
}

/** Outputs of all runs, in the order of their start. */
async function outputs(runner: OperatedRunner): Promise<readonly Json[]> {
  const runs = (await runner.list()).toReversed();
  const done: Json[] = [];
  for (const { id } of runs) {
    await runner.wait(id);
    done.push((await runner.show(id))?.output ?? null);
  }
  return done;
}

const nightly = `flow report(day: time) -> time {
  on cron("0 8 * * *") { input: { day: event.time } }
  output: day
}
`;

test("a schedule starts one run per tick, with the tick's time, whoever decides it", async () => {
  const { runner, clock } = await open();
  await deploy(runner, nightly);
  const [schedule] = await runner.operations.schedules();
  expect(schedule).toMatchObject({
    program: "p",
    expression: "0 8 * * *",
    zone: "UTC",
    paused: false,
  });
  expect(schedule?.nextTickAtMs).toBe(startMs + 8 * 60 * minuteMs);
  await turn(runner, "cron");
  expect(await runner.list()).toEqual([]);
  clock.nowMs += 8 * 60 * minuteMs;
  await Promise.all([1, 2, 3].map(() => turn(runner, "cron")));
  await turn(runner, "cron");
  expect(await outputs(runner)).toEqual(["2024-01-01T08:00:00.000Z"]);
  const ticks = await runner.operations.ticks(schedule?.id ?? "");
  expect(ticks).toMatchObject([{ atMs: clock.nowMs, outcome: "started" }]);
});

test("ticks of a pause are made up for when somebody asks for them, once", async () => {
  const { runner, clock } = await open();
  await deploy(runner, nightly);
  const { operations } = runner;
  const [schedule] = await operations.schedules();
  const id = schedule?.id ?? "";
  expect(await operations.pauseSchedule(id)).toEqual({ ok: true });
  clock.nowMs += 3 * 24 * 60 * minuteMs;
  await turn(runner, "cron");
  expect(await runner.list()).toEqual([]);
  expect(await operations.ticks(id)).toHaveLength(3);
  await operations.resumeSchedule(id);
  const range = { schedule: id, fromMs: startMs, untilMs: clock.nowMs };
  const dry = await operations.backfill({ ...range, dryRun: true });
  expect(dry).toMatchObject({ ok: true, runs: [] });
  expect(await runner.list()).toEqual([]);
  const filled = await operations.backfill(range);
  expect(filled.ok && filled.runs.length).toBe(3);
  expect(await operations.backfill(range)).toEqual({ ok: true, ticks: [], runs: [] });
  expect(await outputs(runner)).toEqual(
    ["01", "02", "03"].map((day) => `2024-01-${day}T08:00:00.000Z`),
  );
});

test("a tick that comes while the last run goes on is skipped, and said to be", async () => {
  const { runner, clock } = await open();
  await deploy(
    runner,
    `flow dawdle() -> bool {
  on cron("* * * * *")
  timeout: 2d
  step pause = sleep(1d)
  output: true
}
`,
  );
  clock.nowMs += minuteMs;
  await turn(runner, "cron");
  const [run] = await runner.list();
  clock.nowMs += minuteMs;
  await turn(runner, "cron");
  expect(await runner.list()).toHaveLength(1);
  const [schedule] = await runner.operations.schedules();
  expect(await runner.operations.ticks(schedule?.id ?? "")).toMatchObject([
    { outcome: "skipped", reason: "overlap", run: null },
    { outcome: "started", run: run?.id },
  ]);
});

test("a schedule that goes away with its program fires no more", async () => {
  const { runner, clock } = await open();
  await deploy(runner, nightly);
  expect(await runner.operations.withdraw("p")).toEqual({ ok: true });
  clock.nowMs += 24 * 60 * minuteMs;
  await turn(runner, "cron");
  expect([await runner.list(), await runner.operations.schedules()]).toEqual([[], []]);
  expect(await runner.operations.withdraw("p")).toMatchObject({ ok: false, code: "not_found" });
});

const orders = `type Order = { id: string, total: float }
flow take(id: string, total: float) -> string {
  on event("orders.*") { where: event.data.kind == "order", input: { id: event.data.id, total: event.data.total }, dedupe: event.data.id }
  output: id
}
`;

test("events start runs in their order, each key once, and what does not fit is kept", async () => {
  const { runner } = await open();
  await deploy(runner, orders);
  const data = (id: string, total: Json = 1) => ({ kind: "order", id, total });
  for (const [topic, payload] of [
    ["orders.new", data("a")],
    ["orders.new", data("b")],
    ["orders.again", data("a")],
    ["orders.new", { kind: "other" }],
    ["other.new", data("x")],
    ["orders.new", data("c", "much")],
    ["orders.new", data("d")],
  ] as const)
    await runner.emit({ topic, data: payload });
  await Promise.all([turn(runner, "events"), turn(runner, "events")]);
  await turn(runner, "events");
  expect(await outputs(runner)).toEqual(["a", "b", "d"]);
  const letters = await runner.deadLetters.list();
  expect(letters).toMatchObject([{ flow: expect.stringContaining("take"), run: "" }]);
  expect(await runner.deadLetters.show(letters[0]?.id ?? "")).toMatchObject({
    input: { id: "c", total: "much" },
  });
  expect(letters[0]?.errors[0]).toMatchObject({ code: "invalid_input" });
});

test("an event that is skipped, because a run goes on already, is spoken of", async () => {
  const { runner } = await open();
  await deploy(
    runner,
    `flow dawdle() -> bool {
  concurrency: 1
  on event("go") { overlap: "skip", input: {} }
  timeout: 2d
  step pause = sleep(1d)
  output: true
}
`,
  );
  for (const id of ["1", "2"]) await runner.emit({ topic: "go", data: null, id });
  await turn(runner, "events");
  expect(await runner.list()).toHaveLength(1);
  expect(logged).toEqual([
    expect.stringContaining("an event starts no run of dawdle: one goes on"),
  ]);
});

test("an event that did not fit is started from its dead letter, as soon as it fits", async () => {
  const { runner } = await open();
  await deploy(runner, orders);
  const data = { kind: "order", id: "a", total: "much" };
  await runner.emit({ topic: "orders.new", data });
  await turn(runner, "events");
  const [letter] = await runner.deadLetters.list();
  const id = letter?.id ?? "";
  expect(await runner.deadLetters.retry(id)).toMatchObject({ ok: false, code: "invalid_input" });
  expect(await runner.deadLetters.retry(id, "much")).toMatchObject({ code: "invalid_input" });
  expect(await runner.deadLetters.list({ status: "open" })).toHaveLength(1);
  const retried = await runner.deadLetters.retry(id, { id: "a", total: 2 });
  expect(retried).toMatchObject({ ok: true });
  expect(await outputs(runner)).toEqual(["a"]);
  expect(await runner.deadLetters.list({ status: "open" })).toEqual([]);
  expect(await runner.deadLetters.retry(id)).toMatchObject({ ok: false, code: "not_found" });
  expect(await runner.operations.subscriptions()).toEqual([
    { id: "p/take event orders.*", program: "p", flow: "take", topic: "orders.*" },
  ]);
});

test("runs of a held flow stand still until it is lifted", async () => {
  const { runner } = await open();
  await deploy(runner, orders);
  const { operations } = runner;
  const flow = Object.keys(compiled(orders).program.flows)[0] ?? "";
  await operations.hold(flow, "the shop is closed");
  expect(await operations.holds()).toMatchObject([{ flow, reason: "the shop is closed" }]);
  await runner.emit({ topic: "orders.new", data: { kind: "order", id: "a", total: 1 } });
  await turn(runner, "events");
  expect(await runner.list()).toMatchObject([{ status: "queued" }]);
  expect(await operations.lift(flow)).toEqual({ ok: true });
  expect(await outputs(runner)).toEqual(["a"]);
  expect(await operations.lift(flow)).toMatchObject({ ok: false, code: "not_found" });
});

test("when too many runs wait for a worker, starts are refused and events stay in the log", async () => {
  const { runner } = await open({ work: "none", maxQueued: 2 });
  await deploy(runner, orders);
  const plan = compiled(orders);
  const start = (id: string) => runner.start({ plan, flow: "take", input: { id, total: 1 } });
  expect([(await start("a")).ok, (await start("b")).ok]).toEqual([true, true]);
  expect(await start("c")).toMatchObject({ ok: false, code: "overloaded" });
  await runner.emit({ topic: "orders.new", data: { kind: "order", id: "d", total: 1 } });
  await turn(runner, "events");
  expect(await runner.list()).toHaveLength(2);
});

test("what a trigger gives its run may come from the configuration", async () => {
  const { runner, clock } = await open();
  await deploy(
    runner,
    `config { place: string = "Bonn" }
flow note(place: string) -> string {
  on cron("0 8 * * *") { input: { place: config.place } }
  on event("went.*") { where: event.data.to == config.place, input: { place: config.place } }
  output: place
}
`,
  );
  clock.nowMs += 8 * 60 * minuteMs;
  await turn(runner, "cron");
  await runner.emit({ topic: "went.there", data: { to: "Bonn" } });
  await runner.emit({ topic: "went.there", data: { to: "Rome" } });
  await turn(runner, "events");
  expect(await outputs(runner)).toEqual(["Bonn", "Bonn"]);
  expect(await runner.deadLetters.list()).toEqual([]);
});

test("a program whose state lost all that is stored is not put into service", async () => {
  const { runner } = await open();
  const counting = (
    type: string,
    first: string,
    name = "seen",
  ): string => `flow note(user: string) -> string {
  on event("notes.*")
  state ${name}: ${type} = ${first} { per: user, next: ${first} }
  output: user
}
`;
  await deploy(runner, counting("int", "0"));
  const changed = { program: "p", plan: compiled(counting("string", '""')) };
  const refused = await runner.operations.deploy(changed);
  expect(refused).toMatchObject({ ok: false, code: "AF7005" });
  expect(refused.ok ? "" : refused.message).toContain(
    "no value that the state `seen` of `note` has stored as `int` fits its new type `string`",
  );
  expect(await runner.operations.deployments()).toMatchObject([{ edition: 1 }]);
  await deploy(runner, counting("string", '""', "noted"));
  await deploy(runner, counting("string?", "null", "noted"));
});
