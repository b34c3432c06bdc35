/** What an event costs late in a run of a million events, against early in it: the state is as large as what goes on, not as what has been. */
import { planHash } from "../../plan/hash.ts";
import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { Plan, Program, StepPlan } from "../../plan/plan.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import type { EngineProgram } from "../../runner/engine/code.ts";
import type { Engine } from "../../runner/engine/engine.ts";
import { Fold, openRun, restoreRun } from "../../runner/engine/fold.ts";
import { snapshotWeight } from "../../runner/engine/snapshot.ts";
import { StepViews } from "../../runner/step-views.ts";
import { ratio, report } from "../report.ts";
import type { Figure } from "../report.ts";
import { chainPlan } from "./chain-plan.ts";

const option = process.argv.find((argument) => argument.startsWith("--events="));
const events = Number(option?.slice("--events=".length) ?? 1_000_000);
/** Two calls for each, and two events for each call. */
const items = Math.ceil(events / 4) + 1_000;
const stretch = 20_000;
const early = { from: 2_000, to: 2_000 + stretch };
const late = { from: events - stretch, to: events };

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

interface Driven {
  readonly perEvent: Times;
  /** Snapshots, as often as a worker makes them: microseconds per event altogether. */
  readonly snapshots: number;
  /** From the newest snapshot and the events after it, in milliseconds of processor time. */
  readonly takeOver: number;
}

/** Microseconds of processor time per event, early and late in the run. `keep` is given every event. */
function drive(code: EngineProgram, plan: Plan, keep: (event: RunEvent) => void): Driven {
  let engine = openRun(code);
  let tail: RunEvent[] = [];
  const record = (fact: Parameters<Engine["record"]>[0]): void => {
    const event = engine.record(fact, 0);
    tail.push(event);
    keep(event);
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
  const clock = new StretchClock();
  const running: { path: string; attempt: number }[] = [];
  let snapshot: Json = null;
  let nextSnapshot = 2_000;
  let snapshotMs = 0;
  while (engine.ending() === null && engine.seq < events) {
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
    clock.at(engine.seq);
    if (engine.seq < nextSnapshot) continue;
    const beganMs = cpuMs();
    snapshot = engine.snapshot();
    snapshotMs += cpuMs() - beganMs;
    clock.leaveOut(cpuMs() - beganMs);
    nextSnapshot = engine.seq + Math.max(2_000, 20 * snapshotWeight(snapshot));
    tail = [];
  }
  // As it comes out of a store.
  const stored = JSON.parse(JSON.stringify(snapshot)) as Json;
  const { seq } = engine;
  const beganMs = cpuMs();
  const restored = restoreRun(code, stored);
  if (restored === null) throw new Error("the snapshot can't be read");
  for (const event of tail) restored.apply(event);
  engine = restored;
  if (engine.seq !== seq) throw new Error(`${engine.seq} events instead of ${seq}`);
  const takeOver = cpuMs() - beganMs;
  return { perEvent: clock.times(), snapshots: (snapshotMs / seq) * 1_000, takeOver };
}

/** The same for what a live view does: it folds what is new, and lists all steps now and then. */
class LiveView {
  private readonly views = new StepViews();
  private readonly fold: Fold;
  private readonly clock = new StretchClock();

  constructor(code: EngineProgram) {
    this.fold = new Fold({ programOf: () => code, observer: this.views, retried: false });
  }

  apply(event: RunEvent): void {
    const beganMs = cpuMs();
    this.views.expect([event]);
    this.fold.apply(event);
    if (event.seq % 5_000 === 0) {
      this.fold.end().takeEffects();
      this.views.list();
    }
    this.clock.add(event.seq, cpuMs() - beganMs);
  }

  times(): Times {
    return this.clock.times();
  }
}

/** Processor time of the early and the late events. */
class StretchClock {
  private readonly sums = { early: 0, late: 0 };
  private lastMs = cpuMs();

  /** All since it was last told of an event. */
  at(seq: number): void {
    const nowMs = cpuMs();
    this.add(seq, nowMs - this.lastMs);
    this.lastMs = nowMs;
  }

  add(seq: number, ms: number): void {
    if (seq > early.from && seq <= early.to) this.sums.early += ms;
    if (seq > late.from && seq <= late.to) this.sums.late += ms;
  }

  leaveOut(ms: number): void {
    this.lastMs += ms;
  }

  times(): Times {
    const perEvent = (ms: number): number => (ms / stretch) * 1_000;
    return { early: perEvent(this.sums.early), late: perEvent(this.sums.late) };
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Megabytes that are reachable; run with `--expose-gc` for what really is. */
function megabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

function figure(name: string, value: number, unit = "µs"): Figure {
  return { name, value, unit };
}

const plan = loopPlan();
const code = compileProgram(plan);
// Cold code would make the early events look dear.
const warm = new LiveView(code);
drive(code, plan, (event) => {
  if (event.seq <= 50_000) warm.apply(event);
});
const driven = drive(code, plan, () => {});
const before = megabytes();
const view = new LiveView(code);
drive(code, plan, (event) => view.apply(event));
const memory = megabytes() - before;
const viewed = view.times();

const engineEarly = figure(`engine: an event, from the ${early.from}th on`, driven.perEvent.early);
const engineLate = figure(`engine: an event, from the ${late.from}th on`, driven.perEvent.late);
const viewEarly = figure(`view: an event, from the ${early.from}th on`, viewed.early);
const viewLate = figure(`view: an event, from the ${late.from}th on`, viewed.late);
report("long-history", [
  engineEarly,
  engineLate,
  ratio(
    "engine: late against early",
    { of: engineLate, to: engineEarly },
    { want: "at most", floor: 1.5, goal: 1.2 },
  ),
  figure("engine: snapshots, for each event", driven.snapshots),
  figure("engine: taking it over at the end", driven.takeOver, "ms"),
  viewEarly,
  viewLate,
  ratio(
    "view: late against early",
    { of: viewLate, to: viewEarly },
    { want: "at most", floor: 2, goal: 1.5 },
  ),
  figure("view: memory of all that it keeps", memory, "MB"),
]);
