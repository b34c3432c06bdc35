import type { ActivityStarted, RunEvent } from "../../plan/history.ts";
import type { Program } from "../../plan/plan.ts";
import { callsOfFlow } from "../../plan/walk-plan.ts";
import type { Engine } from "./engine.ts";
import { foldRun } from "./fold.ts";
import type { ProgramOf } from "./fold.ts";
import type { ScopeNode, TaskNode } from "./nodes.ts";
import type { Observer } from "./run-state.ts";

/**
 * What must hold of every history, whatever happened: checked after every test and simulation, and by `doctor`.
 * Gives the broken ones, each beginning with its number.
 */
export function checkHistory(events: readonly RunEvent[], programOf: ProgramOf): readonly string[] {
  const faults = [
    ...checkOrder(events),
    ...checkEpochs(events),
    ...checkActivities(events),
    ...checkTimers(events),
    ...checkCancel(events),
  ];
  if (faults.length > 0) return faults;
  const dependencies = new DependencyCheck();
  const engine = foldRun(events, programOf, dependencies);
  return [
    ...dependencies.faults,
    ...checkAttempts(events, engine.state.program.program),
    ...checkReason(engine),
  ];
}

/** I1: numbers without a gap, times that never fall, one creation, one end. */
function checkOrder(events: readonly RunEvent[]): readonly string[] {
  const faults: string[] = [];
  let endings = 0;
  for (const [at, event] of events.entries()) {
    const before = events[at - 1];
    if (event.seq !== at + 1) faults.push(`I1 event ${at + 1} has the number ${event.seq}`);
    if (before !== undefined && event.atMs < before.atMs)
      faults.push(`I1 event ${event.seq} is older than the one before`);
    if ((event.kind === "run.created") !== (at === 0))
      faults.push(`I1 event ${event.seq} is ${event.kind}`);
    if (event.kind === "run.retried") endings -= 1;
    else if (endings > 0) faults.push(`I3 event ${event.seq} comes after the end`);
    if (event.kind === "run.ended") endings += 1;
  }
  return faults;
}

/** I7: each owner that takes a run over in the middle of something has a newer lease than the one before. */
function checkEpochs(events: readonly RunEvent[]): readonly string[] {
  const faults: string[] = [];
  let newest = 0;
  for (const event of events) {
    if (event.kind !== "run.interrupted") continue;
    if (event.epoch <= newest)
      faults.push(`I7 event ${event.seq} is of epoch ${event.epoch}, after ${newest}`);
    newest = event.epoch;
  }
  return faults;
}

/** I3, I4: every attempt has one start and one end, and every activity succeeds at most once. */
function checkActivities(events: readonly RunEvent[]): readonly string[] {
  const faults: string[] = [];
  let running = new Map<string, ActivityStarted>();
  let lost = new Set<string>();
  let done = new Set<string>();
  for (const event of events) {
    if (event.kind === "run.retried") {
      running = new Map();
      lost = new Set();
      done = new Set();
    } else if (event.kind === "run.interrupted") {
      for (const path of running.keys()) lost.add(path);
    } else if (event.kind === "activity.started") {
      if (running.has(event.path) && !lost.has(event.path))
        faults.push(`I3 ${event.path} starts twice`);
      if (done.has(event.path)) faults.push(`I4 ${event.path} starts again after it has succeeded`);
      lost.delete(event.path);
      running.set(event.path, event);
    } else if (event.kind === "activity.succeeded" || event.kind === "activity.failed") {
      const start = running.get(event.path);
      if (start?.attempt !== event.attempt)
        faults.push(`I3 ${event.path} ends attempt ${event.attempt}, which has not started`);
      running.delete(event.path);
      if (event.kind === "activity.succeeded") done.add(event.path);
    }
  }
  return faults;
}

/** I11, and the part of I6 that is about `retry-after`. */
function checkTimers(events: readonly RunEvent[]): readonly string[] {
  const faults: string[] = [];
  const notBefore = new Map<string, number>();
  for (const event of events) {
    if (event.kind === "timer.fired" && event.atMs < event.dueMs)
      faults.push(
        `I11 the ${event.timer} timer at ${event.path} fired ${event.dueMs - event.atMs} ms early`,
      );
    if (event.kind === "activity.failed" && event.retryAfterMs !== undefined)
      notBefore.set(event.path, event.atMs + event.retryAfterMs);
    if (
      event.kind === "activity.started" &&
      event.activity === "tool" &&
      event.atMs < (notBefore.get(event.path) ?? 0)
    )
      faults.push(`I6 ${event.path} was tried again too early`);
    if (event.kind === "run.retried") notBefore.clear();
  }
  return faults;
}

/** I13: after a cancellation only compensations and the flow's `fallback` begin. */
function checkCancel(events: readonly RunEvent[]): readonly string[] {
  const faults: string[] = [];
  let cancelled = false;
  for (const event of events) {
    if (event.kind === "run.cancel-requested") cancelled = true;
    if (event.kind === "run.retried") cancelled = false;
    if (cancelled && event.kind === "activity.started" && !/![a-z]/.test(event.path))
      faults.push(`I13 ${event.path} began after the cancellation`);
  }
  return faults;
}

/** I6: no more tries than allowed, one after the other. Looks at tools whose attempts are constants. */
function checkAttempts(events: readonly RunEvent[], program: Program): readonly string[] {
  const faults: string[] = [];
  const limits = attemptLimits(program);
  const tries = new Map<string, number>();
  for (const event of events) {
    if (event.kind === "run.retried") tries.clear();
    if (event.kind !== "activity.started" || event.activity !== "tool") continue;
    const before = tries.get(event.path) ?? 0;
    if (event.attempt !== before && event.attempt !== before + 1)
      faults.push(`I6 ${event.path} goes from attempt ${before} to ${event.attempt}`);
    if (event.attempt > (limits.get(event.callee) ?? Number.POSITIVE_INFINITY))
      faults.push(`I6 ${event.path} is tried ${event.attempt} times`);
    tries.set(event.path, event.attempt);
  }
  return faults;
}

function attemptLimits(program: Program): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  const constant = (
    attempts: { readonly op: string; readonly value?: unknown } | undefined,
  ): number =>
    attempts === undefined
      ? 1
      : attempts.op === "value" && typeof attempts.value === "number"
        ? attempts.value
        : Number.POSITIVE_INFINITY;
  const ofCalls = Math.max(
    1,
    ...Object.values(program.flows).flatMap((flow) =>
      [...callsOfFlow(flow)].map((call) => constant(call.retry?.attempts)),
    ),
  );
  for (const [name, tool] of Object.entries(program.tools))
    limits.set(name, constant(tool.retry.attempts) * ofCalls);
  return limits;
}

/** I9: a run that has not ended can say what it waits for. */
function checkReason(engine: Engine): readonly string[] {
  if (engine.phase === "ended" || engine.phase === "created" || engine.ending() !== null) return [];
  const { state } = engine;
  if (state.leaves.size > 0 || state.timers.active.size > 0) return [];
  return [`I9 the run ${engine.run} waits for nothing`];
}

/** I5: a step begins when all it waits for has its value. */
class DependencyCheck implements Observer {
  readonly faults: string[] = [];

  stepBegan: Observer["stepBegan"] = (node) => {
    if (node.parent?.kind !== "scope") return;
    for (const name of missing(node, node.scope))
      this.faults.push(`I5 ${node.path} began before ${name} was done`);
  };

  stepEnded: Observer["stepEnded"] = () => undefined;
  stepRetries: Observer["stepRetries"] = () => undefined;
  stepUndone: Observer["stepUndone"] = () => undefined;
  leafChanged: Observer["leafChanged"] = () => undefined;
}

function missing(node: TaskNode, scope: ScopeNode): readonly string[] {
  const position = scope.code.steps.indexOf(node.code);
  const inner = scope.code.steps
    .filter((step) => step.dependents.includes(position) && !scope.values.has(step.name))
    .map((step) => step.name);
  const outer = node.code.outer.filter((name) => {
    for (let at = scope.outer; at !== null; at = at.outer)
      if (at.code.stepNames.has(name)) return !at.values.has(name);
    return false;
  });
  return [...inner, ...outer];
}
