import { expect, it } from "vitest";

import type { RunEvent, RunFact } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import type { Engine } from "../../runner/engine/engine.ts";
import { foldRun } from "../../runner/engine/fold.ts";
import { checkHistory } from "../../runner/engine/invariants.ts";
import {
  block,
  call,
  callTool,
  flow,
  name,
  plan,
  retry,
  step,
  tool,
  value,
} from "./plan-builder.ts";
import { undoLedger } from "./undo-ledger.ts";

/**
 * Every order in which a small run can go: each call may succeed, fail for good, or fail in passing; processes may die and
 * people may cancel at any point, once each.
 */
function explore(made: Plan, check: (engine: Engine, events: readonly RunEvent[]) => void): number {
  const program = compileProgram(made);
  const first: RunEvent[] = [
    {
      kind: "run.created",
      seq: 1,
      atMs: 1,
      run: "r",
      planHash: made.hash,
      flow: "main",
      input: {},
      environment: "",
      config: {},
      trigger: null,
      continuation: 0,
    },
    { kind: "run.started", seq: 2, atMs: 1, states: [] },
  ];
  const seen = new Set<string>();
  const stack: (readonly RunEvent[])[] = [first];
  let ends = 0;
  for (let events = stack.pop(); events !== undefined; events = stack.pop()) {
    const engine = foldRun(events, () => program);
    engine.takeEffects();
    const crashed = events.some((event) => event.kind === "run.interrupted");
    const state = JSON.stringify([
      crashed,
      { ...(engine.snapshot() as object), fields: null },
      undoLedger(events, program),
      engine.phase,
      engine.ready(),
      engine.inFlight(),
    ]);
    if (seen.has(state)) continue;
    seen.add(state);
    const choices = choicesOf(engine, crashed);
    if (choices.length === 0) {
      ends += 1;
      check(engine, events);
    }
    for (const fact of choices)
      stack.push([
        ...events,
        { seq: engine.seq + 1, atMs: Math.max(engine.lastAtMs, engine.wakeAtMs() ?? 0), ...fact },
      ]);
  }
  return ends;
}

function choicesOf(engine: Engine, crashed: boolean): readonly RunFact[] {
  const ending = engine.ending();
  if (ending !== null) return [ending];
  if (engine.phase === "ended") return [];
  const choices: RunFact[] = [];
  for (const { path, attempt, kind, callee } of engine.ready())
    choices.push({ kind: "activity.started", path, attempt, activity: kind, callee });
  for (const { path, attempt } of engine.inFlight()) {
    choices.push({ kind: "activity.succeeded", path, attempt, output: 1 });
    if (path.endsWith("!undo")) continue;
    choices.push({ kind: "activity.failed", path, attempt, code: "boom", message: "" });
    if (attempt === 1)
      choices.push({ kind: "activity.failed", path, attempt, code: "unavailable", message: "" });
  }
  const due = engine.dueTimer(Number.POSITIVE_INFINITY);
  if (due !== null) choices.push(due);
  if (!crashed && engine.inFlight().length > 0) choices.push({ kind: "run.interrupted", epoch: 2 });
  if (!engine.cancelRequested) choices.push({ kind: "run.cancel-requested", reason: "" });
  return choices;
}

function checkEnd(engine: Engine, events: readonly RunEvent[]): void {
  const story = events
    .map((event) => ("path" in event ? `${event.kind} ${event.path}` : event.kind))
    .join("\n");
  expect(engine.phase, story).toBe("ended");
  expect(
    checkHistory(events, () => engine.state.program),
    story,
  ).toEqual([]);
  const { finished, undone } = undoLedger(events, engine.state.program);
  if (engine.outcome?.status !== "succeeded") expect(undone, story).toEqual(finished);
}

const undo = (of: string) => ({ undo: callTool("u", name(of)) });
const tools = {
  t: tool({ retry: retry(2, { fromMs: 10, toMs: 10 }) }),
  u: tool(),
  once: tool({ effect: "send", restart: false }),
};

it("two steps side by side, one after the other, all undone or all done", () => {
  const steps = [
    step("a", callTool("t", value(1), undo("a"))),
    step("b", callTool("once", value(1), undo("b"))),
    step("c", callTool("t"), ["a"]),
  ];
  const ends = explore(plan({ flows: { main: flow("main", block(steps)) }, tools }), checkEnd);
  expect(ends).toBeGreaterThan(20);
});

it("a race between a step and a flow", () => {
  const inner = flow(
    "inner",
    block([step("x", callTool("t", value(1), undo("x"))), step("y", callTool("once"), ["x"])]),
  );
  const race = {
    kind: "race",
    body: block([
      step("p", callTool("t", value(1), undo("p"))),
      step("q", call({ kind: "flow", name: "inner" })),
    ]),
  } as const;
  const main = flow("main", block([step("r", race), step("z", callTool("once"), ["r"])]));
  const ends = explore(plan({ flows: { main, inner }, tools }), (engine, events) => {
    checkEnd(engine, events);
    // What the loser of a race had finished is undone also when the run goes on.
    const { finished, undone } = undoLedger(events, engine.state.program);
    if (engine.outcome?.status === "succeeded") expect(finished.length - undone.length).toBe(1);
  });
  expect(ends).toBeGreaterThan(20);
});

it("tolerated items and a flow with a fallback", () => {
  const body = block([
    step("x", callTool("once", name("i"), undo("x"))),
    step("y", callTool("once"), ["x"]),
  ]);
  const items = {
    kind: "for",
    variable: "i",
    list: value([1, 2]),
    body,
    maxItems: value(2),
    concurrency: value(2),
    tolerate: { count: value(1) },
  } as const;
  const inner = flow(
    "inner",
    block([step("w", callTool("once", value(1), undo("w"))), step("v", callTool("once"), ["w"])]),
  );
  const guarded = call({ kind: "flow", name: "inner" }, {}, { fallback: block([], value(0)) });
  const main = flow("main", block([step("a", items), step("b", guarded)]));
  const small = plan({ flows: { main: flow("main", block([step("a", items)])), inner }, tools });
  expect(explore(small, checkEnd)).toBeGreaterThan(9);
  expect(
    explore(
      plan({
        flows: {
          main: { ...main, body: block([step("b", guarded), step("c", callTool("once"))]) },
          inner,
        },
        tools,
      }),
      checkEnd,
    ),
  ).toBeGreaterThan(9);
});
