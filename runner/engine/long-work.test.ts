import { expect, test } from "vitest";

import { allSteps } from "../../base/all-steps.ts";
import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { Plan, RatePlan } from "../../plan/plan.ts";
import { beginHistory, type BegunHistory } from "../../test/simulation/begun-history.ts";
import {
  block,
  callTool,
  field,
  flow,
  name,
  param,
  plan,
  solo,
  step,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";
import type { Activity } from "./activity.ts";
import { compileProgram } from "./compile-program.ts";
import type { Engine } from "./engine.ts";
import { foldRun } from "./fold.ts";

const count = 1_500;

/** A list whose items need the one before; beside it a call that may fail the flow. */
function longPlan(): Plan {
  return plan({
    schemas: {
      any: {},
      found: { type: "integer" },
      all: { type: "array", items: { type: "integer" } },
    },
    tools: { t: tool({ returns: "found" }), fails: tool() },
    flows: {
      main: flow(
        "main",
        block(
          [
            step("first", callTool("fails", name("xs"))),
            step(
              "each",
              {
                kind: "for",
                variable: "x",
                list: name("xs"),
                body: solo(callTool("t", name("x"))),
                maxItems: value(count),
                concurrency: value(3),
                key: field(name("x"), "n"),
                needs: field(name("x"), "needs"),
              },
              ["first"],
            ),
          ],
          name("each"),
        ),
        { params: [param("xs")], returns: "all" },
      ),
    },
  });
}

const xs = Array.from({ length: count }, (_, n): Json => ({
  n,
  needs: n % 3 === 0 ? [] : [n - 1],
}));

function begin(program: Plan): BegunHistory {
  return beginHistory(program, { xs });
}

/** Runs to the end; `after` is called after each event, before anything is asked of the engine. */
function runOn(
  { engine, events, record: recordOne }: BegunHistory,
  after: (engine: Engine) => void,
): readonly RunEvent[] {
  const record: BegunHistory["record"] = (fact) => {
    recordOne(fact);
    after(engine);
  };
  while (engine.ending() === null) {
    const [ready] = engine.ready(1);
    if (ready?.kind !== "tool") throw new Error("the run stands still");
    const { path, attempt, tool: callee } = ready;
    record({ kind: "activity.started", path, attempt, activity: "tool", callee });
    record({ kind: "activity.succeeded", path, attempt, output: callee === "t" ? 7 : null });
  }
  const ending = engine.ending();
  if (ending !== null) record(ending);
  return events;
}

test("work on long lists follows from an event, in steps or at once", () => {
  const program = longPlan();
  let steps = 0;
  const inSteps = begin(program);
  const events = runOn(inSteps, (engine) => {
    for (const work = engine.workSteps(); engine.hasWork && work.next().done !== true;) steps += 1;
  });
  expect(steps).toBeGreaterThan(20);
  const atOnce = begin(program);
  expect(runOn(atOnce, () => {})).toEqual(events);
  expect(inSteps.engine.outcome).toMatchObject({ status: "succeeded" });
  expect(foldRun(events, () => compileProgram(program)).snapshot()).toEqual(
    inSteps.engine.snapshot(),
  );
});

/** All items may start at once: most are computed, every fifth is asked for. */
function widePlan(rate?: RatePlan): Plan {
  const asked = step("asked", callTool("t", name("x")));
  const body = (many: number): Plan["program"]["flows"][string]["body"] =>
    block(
      [
        step("each", {
          kind: "for",
          variable: "x",
          list: name("xs"),
          body: many === 0 ? block([], name("x")) : block([asked], name("asked")),
          maxItems: value(wide),
          concurrency: value(wide),
          tolerate: { count: value(wide) },
          ...(rate === undefined ? {} : { rate }),
        }),
      ],
      field(name("each"), "ok"),
    );
  return plan({
    schemas: { any: {}, all: { type: "array", items: {} } },
    tools: { t: tool() },
    flows: {
      main: flow("main", body(1), { params: [param("xs")], returns: "all" }),
      computed: flow("computed", body(0), { params: [param("xs")], returns: "all" }),
    },
  });
}

const wide = 4_000;
const many = Array.from({ length: wide }, (_, n): Json => n);

test("thousands of items that may start at once are started in steps, and all folds agree", () => {
  const program = widePlan();
  const inSteps = beginHistory(program, { xs: many });
  const work = inSteps.engine.workSteps();
  let steps = 0;
  while (inSteps.engine.hasWork && work.next().done !== true) steps += 1;
  expect(steps).toBeGreaterThan(wide / 100);
  expect(inSteps.engine.ready()).toHaveLength(wide);
  const atOnce = beginHistory(program, { xs: many });
  expect(atOnce.engine.ready()).toEqual(inSteps.engine.ready());
  expect(atOnce.engine.snapshot()).toEqual(inSteps.engine.snapshot());
});

test("thousands of items of which a rate lets a few start wait for its timer", () => {
  const { engine, events, record } = beginHistory(widePlan({ count: 5, perMs: 1_000 }), {
    xs: many,
  });
  const startedAt = events.length - 1;
  const work = engine.workSteps();
  let steps = 0;
  while (engine.hasWork && steps < wide && work.next().done !== true) steps += 1;
  expect(engine.hasWork).toBe(false);
  expect(engine.ready()).toHaveLength(5);
  expect(engine.wakeAtMs()).toBe(startedAt + 1_000);
  const [{ path }] = engine.ready() as [Activity];
  record({ kind: "activity.started", path, attempt: 1, activity: "tool", callee: "t" });
  record({ kind: "activity.succeeded", path, attempt: 1, output: 7 });
  expect(engine.ready()).toHaveLength(4);
  const due = engine.dueTimer(startedAt + 1_000);
  if (due !== null) engine.record(due, startedAt + 1_000);
  expect(engine.ready()).toHaveLength(9);
});

test("thousands of items without a call are done in steps", () => {
  const { engine } = beginHistory(widePlan(), { xs: many }, "computed");
  const work = engine.workSteps();
  let steps = 0;
  while (engine.hasWork && work.next().done !== true) steps += 1;
  expect(steps).toBeGreaterThan(wide / 100);
  expect(engine.ending()).toMatchObject({ status: "succeeded", output: many });
});

test("a long list that a call is given is looked through in steps", () => {
  const args = { type: "object", properties: { x: { $ref: "#/$defs/all" } }, required: ["x"] };
  const program = plan({
    schemas: {
      any: {},
      all: { type: "array", items: { type: "integer" } },
      args: { ...args, additionalProperties: false },
    },
    tools: { t: tool() },
    flows: {
      main: flow("main", solo(callTool("t", name("xs"), { input: "args" })), {
        params: [param("xs")],
      }),
    },
  });
  const right = beginHistory(program, { xs: many });
  const work = right.engine.workSteps();
  let steps = 0;
  while (right.engine.hasWork && work.next().done !== true) steps += 1;
  expect(steps).toBeGreaterThan(10);
  expect(right.engine.ready()).toMatchObject([{ kind: "tool", arguments: { x: many } }]);
  const wrong = beginHistory(program, { xs: [...many.slice(1), "no number"] });
  expect(wrong.engine.ending()).toMatchObject({
    status: "failed",
    error: { code: "invalid_input", message: expect.stringContaining("x[3999]") },
  });
});

test("a cancellation between two steps leaves nothing half started", () => {
  const { engine } = beginHistory(widePlan(), { xs: many });
  const work = engine.workSteps();
  for (let steps = 0; steps < 9; steps += 1) work.next();
  engine.record({ kind: "run.cancel-requested", reason: "enough" }, 0);
  expect([engine.hasWork, engine.ready()]).toEqual([false, []]);
  expect(engine.ending()).toMatchObject({ status: "cancelled" });
});

test("what was asked of the engine, or the next event, finds the work done", () => {
  const { engine, record } = begin(longPlan());
  const [first] = engine.ready();
  const path = first?.path ?? "";
  record({ kind: "activity.started", path, attempt: 1, activity: "tool", callee: "fails" });
  record({ kind: "activity.succeeded", path, attempt: 1, output: null });
  expect(engine.hasWork).toBe(true);
  // Some of it is done in steps, the rest when the next event comes.
  const work = engine.workSteps();
  work.next();
  work.next();
  engine.record({ kind: "run.cancel-requested", reason: "enough" }, 0);
  expect(engine.hasWork).toBe(false);
  expect(engine.ending()).toMatchObject({ status: "cancelled" });
  const { seq } = engine;
  allSteps(work);
  expect([engine.seq, engine.ready().length]).toEqual([seq, 0]);
});
