/** What an event costs late in a long run, against early in it: the state is as large as what goes on, not as what has been. */
import { planHash } from "../../plan/hash.ts";
import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { Plan, Program, StepPlan } from "../../plan/plan.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import type { Engine } from "../../runner/engine/engine.ts";
import { foldRun, openRun } from "../../runner/engine/fold.ts";
import { StepViews } from "../../runner/step-views.ts";
import { ratio, report } from "../report.ts";
import type { Figure } from "../report.ts";
import { chainPlan } from "./chain-plan.ts";

const items = 60_000;
const early = { from: 1_000, to: 11_000 };
const late = { from: 90_000, to: 100_000 };
const rounds = 5;

/** A loop over many items, ten at once, with two calls for each. */
function loopPlan(): Plan {
  const { program } = chainPlan(2);
  const { chain } = program.flows;
  if (chain === undefined) throw new Error("the chain has a flow");
  const [first, second] = chain.body.steps.map((step) => ({
    ...step,
    path: step.path.replace("chain", "loop.all[]"),
  }));
  if (first === undefined || second === undefined) throw new Error("the chain has two steps");
  const all: StepPlan = {
    name: "all",
    path: "loop.all",
    phase: 0,
    waits: [],
    schema: "any",
    action: {
      kind: "for",
      variable: "x",
      list: { op: "name", name: "xs" },
      body: { ...chain.body, steps: [first, second] },
      maxItems: { op: "value", value: items },
      concurrency: { op: "value", value: 10 },
    },
  };
  const loop = {
    ...chain,
    name: "loop",
    params: [{ name: "xs", schema: "any" }],
    input: "any",
    body: { ...chain.body, steps: [all], output: null },
  };
  const flows: Program["flows"] = { loop };
  const whole = { ...program, flows };
  return { ...chainPlan(1), hash: planHash(whole), program: whole };
}

interface Times {
  readonly early: number;
  readonly late: number;
}

/** Microseconds of processor time per event, early and late in the run. */
function drive(engine: Engine, plan: Plan, keep: RunEvent[]): Times {
  const record = (fact: Parameters<Engine["record"]>[0]): void => {
    keep.push(engine.record(fact, 0));
  };
  const xs = Array.from({ length: items }, (_, n): Json => n);
  record({
    kind: "run.created",
    run: "bench",
    planHash: plan.hash,
    flow: "loop",
    input: { xs },
    environment: "",
    config: {},
    trigger: null,
    continuation: 0,
  });
  record({ kind: "run.started", states: [] });
  const marks = new Map<number, number>();
  const wanted = [early.from, early.to, late.from, late.to];
  const running: { path: string; attempt: number }[] = [];
  while (engine.ending() === null && engine.seq < late.to + 100) {
    for (const { path, attempt } of engine.ready()) {
      const fact = { kind: "activity.started", activity: "tool", callee: "work" } as const;
      record({ ...fact, path, attempt });
      running.push({ path, attempt });
    }
    const done = running.shift();
    if (done === undefined) throw new Error("the run stands still");
    record({ kind: "activity.succeeded", ...done, output: { n: engine.seq } });
    engine.takeEffects();
    engine.wakeAtMs();
    engine.reasonsToWait();
    const [next] = wanted;
    if (next === undefined || engine.seq < next) continue;
    wanted.shift();
    marks.set(next, cpuMs());
  }
  return timesOf(marks);
}

function timesOf(marks: ReadonlyMap<number, number>): Times {
  const perEvent = ({ from, to }: { readonly from: number; readonly to: number }): number =>
    (((marks.get(to) ?? 0) - (marks.get(from) ?? 0)) / (to - from)) * 1_000;
  return { early: perEvent(early), late: perEvent(late) };
}

/** The same for what a live view does: it folds what is new, and lists all steps now and then. */
function view(code: ReturnType<typeof compileProgram>, events: readonly RunEvent[]): Times {
  const views = new StepViews();
  const engine = foldRun(events.slice(0, 1), () => code, views);
  const marks = new Map<number, number>();
  for (const event of events.slice(1)) {
    views.expect([event]);
    engine.apply(event);
    engine.takeEffects();
    if ([early.from, early.to, late.from, late.to].includes(event.seq))
      marks.set(event.seq, cpuMs());
  }
  return timesOf(marks);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

const plan = loopPlan();
const code = compileProgram(plan);
const driven: Times[] = [];
const viewed: Times[] = [];
for (let round = 0; round <= rounds; round += 1) {
  const events: RunEvent[] = [];
  const times = drive(openRun(code), plan, events);
  const seen = view(code, events);
  // The first round finds cold code, which makes the early events look dear.
  if (round === 0) continue;
  driven.push(times);
  viewed.push(seen);
}

const figure = (name: string, times: readonly Times[], at: keyof Times): Figure => ({
  name,
  value: median(times.map((entry) => entry[at])),
  unit: "µs",
});
const engineEarly = figure("engine: an event, the 1,000th to the 11,000th", driven, "early");
const engineLate = figure("engine: an event, the 90,000th to the 100,000th", driven, "late");
const viewEarly = figure("view: an event, the 1,000th to the 11,000th", viewed, "early");
const viewLate = figure("view: an event, the 90,000th to the 100,000th", viewed, "late");
report("long-history", [
  engineEarly,
  engineLate,
  ratio(
    "engine: late against early",
    { of: engineLate, to: engineEarly },
    { want: "at most", floor: 1.5, goal: 1.2 },
  ),
  viewEarly,
  viewLate,
  ratio(
    "view: late against early",
    { of: viewLate, to: viewEarly },
    { want: "at most", floor: 2, goal: 1.5 },
  ),
]);
