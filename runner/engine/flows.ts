/** Flows, the run's own and those that are called: states, body, compensation, `fallback`. */

import { assert } from "../../base/assert.ts";
import { numberOf } from "../../plan/evaluate/arithmetic.ts";
import { fieldOf, isList } from "../../plan/evaluate/json-record.ts";
import { namesOf, tryEvaluate, ValueRefused } from "../../plan/evaluate/names.ts";
import type { Names } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { StateReading } from "../../plan/history.ts";
import type { Args } from "./act-state.ts";
import { budgetLimits, newBudget } from "./budget.ts";
import type { FlowCode, StateCode } from "./code.ts";
import { startCompensation } from "./compensation.ts";
import { errorJson, stepError } from "./failure.ts";
import { callSlot, enter, sharedRate } from "./flow-limits.ts";
import type { Entry } from "./flow-limits.ts";
import { decoded, decodedSteps } from "./finish-task.ts";
import type { Checked } from "./finish-task.ts";
import { doLater, isLong } from "./long-work.ts";
import { addLeaf } from "./leaves.ts";
import { FlowNode } from "./nodes.ts";
import type { Ending, Interrupt, Node, ScopeNode, TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { openScope } from "./scopes.ts";
import { addChild, callOffTimers, end, fail, setTimer } from "./tree.ts";

export interface NewFlow {
  /** The step that calls it; null for the run's own. */
  readonly parent: TaskNode | null;
  readonly id: string;
  readonly args: Args;
  readonly path: string;
  readonly entry: Entry;
}

export function startFlow(run: RunState, { parent, id, args, path, entry }: NewFlow): FlowNode {
  const code = run.program.flows.get(id);
  assert(code !== undefined, () => `no flow ${id}`);
  const ownPath = parent === null ? path : `${path}.${code.plan.name}`;
  const flow = new FlowNode({ code, args, path, ownPath, parent });
  if (parent === null) run.root = flow;
  else addChild(parent, flow);
  enter(run, flow, entry);
  if (parent === null) {
    if (sharedRate(run, code, args) === null) setLimits(run, flow);
    return flow;
  }
  if (awaitsSlot(run, flow) || awaitsTurn(run, flow)) return flow;
  setLimits(run, flow);
  startInner(run, flow);
  return flow;
}

/** A called flow whose limits are shared asks for its slot first: who has it may wait for a turn, and never the other way round. */
function awaitsSlot(run: RunState, flow: FlowNode): boolean {
  const { code, args, ownPath } = flow;
  if (callSlot(run, code, args) === null) return false;
  flow.phase = "slot";
  flow.slotPath = `${ownPath}!slot`;
  addLeaf(run, flow, {
    activity: "slot",
    callee: code.plan.name,
    path: flow.slotPath,
    attempt: 1,
  });
  return true;
}

function startInner(run: RunState, flow: FlowNode): void {
  const { code, ownPath } = flow;
  if (code.states.length === 0) {
    startBody(run, flow);
    return;
  }
  const path = `${ownPath}!state`;
  addLeaf(run, flow, { activity: "state", callee: code.plan.name, path, attempt: 1 });
}

/** Begins the run's own flow: at once, or when its rate lets it. */
export function beginRoot(run: RunState, flow: FlowNode, readings: readonly StateReading[]): void {
  flow.readings = readings;
  if (!awaitsTurn(run, flow)) beginWithStates(run, flow, readings);
}

/** A flow under a rate that is shared asks for its turn first. */
function awaitsTurn(run: RunState, flow: FlowNode): boolean {
  const { code, args, ownPath } = flow;
  if (sharedRate(run, code, args) === null) return false;
  flow.phase = "turn";
  const path = `${ownPath}!turn`;
  addLeaf(run, flow, { activity: "turn", callee: code.plan.name, path, attempt: 1 });
  return true;
}

function slotGiven(run: RunState, flow: FlowNode): void {
  if (!awaitsTurn(run, flow)) turnCame(run, flow);
}

function turnGiven(run: RunState, flow: FlowNode, value: Json): void {
  const dueMs = numberOf(fieldOf(value, "atMs"));
  if (dueMs <= run.nowMs) turnCame(run, flow);
  else setTimer(run, flow, { kind: "rate", path: flow.ownPath, dueMs });
}

/** The flow begins; its clock and that of the call start now. */
export function turnCame(run: RunState, flow: FlowNode): void {
  const begin = (): void => {
    flow.phase = "states";
    setLimits(run, flow);
    const { parent } = flow;
    if (parent?.kind !== "task") {
      beginWithStates(run, flow, flow.readings);
      return;
    }
    setTryLimit(run, parent);
    startInner(run, flow);
  };
  guardedFlow(run, begin, flow);
}

/** The time-out of one try of a call. */
export function setTryLimit(run: RunState, task: TaskNode): void {
  const limitMs = task.act?.kind === "call" ? task.act.limitMs : null;
  if (limitMs !== null)
    setTimer(run, task, { kind: "timeout", path: task.path, dueMs: run.nowMs + limitMs });
}

function setLimits(run: RunState, flow: FlowNode): void {
  const { code, args, ownPath } = flow;
  if (code.timeoutMs === null && code.budget === null) return;
  const names = namesOf(args, run.config);
  const limits = budgetLimits(code.budget, names);
  flow.budget = newBudget(limits);
  if (limits.timeMs !== null)
    setTimer(run, flow, { kind: "budget", path: ownPath, dueMs: run.nowMs + limits.timeMs });
  if (code.timeoutMs !== null)
    setTimer(run, flow, {
      kind: "timeout",
      path: ownPath,
      dueMs: run.nowMs + numberOf(code.timeoutMs(names)),
    });
}

/** A value that does not have its form fails the flow. */
export function guardedFlow(run: RunState, work: () => void, flow: FlowNode | null = null): void {
  try {
    work();
  } catch (error) {
    const failing = flow ?? run.root;
    if (!(error instanceof ValueRefused) || failing === null) throw error;
    fail(run, failing, stepError(failing, "invalid_input", error.message));
  }
}

/** Names of a flow's own settings: parameters, states, and `run`. */
export function namesOfFlow(run: RunState, flow: FlowNode): Names {
  return {
    lookup: (name) => flow.states[name] ?? flow.args[name] ?? run.contextValue(name),
    config: (name) => run.config[name],
  };
}

/** The states have been read: the flow begins, with `onIdle` of those that nobody has used for long. */
export function beginWithStates(
  run: RunState,
  flow: FlowNode,
  readings: readonly StateReading[],
): void {
  flow.readings = readings;
  for (const state of flow.code.states) {
    const { plan } = state;
    state.per(namesOfFlow(run, flow));
    const reading = readings.find((candidate) => candidate.name === plan.name);
    const stored = reading?.stored ?? null;
    const value =
      stored === null
        ? { ok: true as const, value: state.initial(namesOfFlow(run, flow)) }
        : decoded(run, plan.schema, stored.value);
    if (!value.ok) {
      fail(
        run,
        flow,
        stepError(
          flow,
          "invalid_input",
          `the stored state ${plan.name} does not fit its type: ${value.message}`,
        ),
      );
      return;
    }
    flow.states[plan.name] = value.value;
    const idleMs = plan.idleMs ?? null;
    if (
      stored !== null &&
      idleMs !== null &&
      state.onIdle !== null &&
      run.nowMs - stored.atMs >= idleMs
    )
      flow.idle.push(plan.name);
  }
  nextIdle(run, flow);
}

function nextIdle(run: RunState, flow: FlowNode): void {
  const name = flow.idle[0];
  const state = flow.code.states.find((candidate) => candidate.plan.name === name);
  if (state === undefined || state.onIdle === null) {
    Object.assign(flow.states, flow.fresh);
    startBody(run, flow);
    return;
  }
  flow.phase = "idle";
  openScope(run, {
    parent: flow,
    code: state.onIdle,
    outer: null,
    path: `${flow.path}.${state.plan.name}!idle`,
    values: visible(flow),
  });
}

function visible(flow: FlowNode): readonly (readonly [string, Json])[] {
  return [...Object.entries(flow.args), ...Object.entries(flow.states)];
}

function startBody(run: RunState, flow: FlowNode): void {
  flow.phase = "body";
  openScope(run, {
    parent: flow,
    code: flow.code.body,
    outer: null,
    path: flow.path,
    unnamedPath: flow.ownPath,
    values: visible(flow),
  });
}

export function flowChildEnded(
  run: RunState,
  flow: FlowNode,
  { child, ending }: { readonly child: Node; readonly ending: Ending },
): void {
  if (child.kind === "undo") {
    if (flow.phase === "redoing") run.logic.redone(run, flow);
    else goOnAfterUndo(run, flow);
    return;
  }
  if (ending.kind === "failed") {
    fail(run, flow, ending.error);
    return;
  }
  if (ending.kind !== "ok") return;
  if (child.kind === "leaf" && child.activity === "turn") turnGiven(run, flow, ending.value);
  else if (child.kind === "leaf" && child.activity === "slot") slotGiven(run, flow);
  else if (child.kind === "leaf") {
    const readings = ending.value as unknown as readonly StateReading[];
    guardedFlow(run, () => beginWithStates(run, flow, readings), flow);
  } else if (flow.phase === "idle") idleDone(run, flow, ending.value);
  else if (child.kind === "scope") flowDone(run, flow, { scope: child, value: ending.value });
}

function idleDone(run: RunState, flow: FlowNode, value: Json): void {
  const name = flow.idle.shift() ?? "";
  const schema = flow.code.states.find((state) => state.plan.name === name)?.plan.schema ?? "";
  const result = decoded(run, schema, value);
  if (!result.ok) {
    fail(run, flow, stepError(flow, "invalid_output", `onIdle of ${name}: ${result.message}`));
    return;
  }
  flow.fresh[name] = result.value;
  nextIdle(run, flow);
}

function flowDone(
  run: RunState,
  flow: FlowNode,
  { scope, value }: { readonly scope: ScopeNode; readonly value: Json },
): void {
  const { returns } = flow.code.plan;
  if (!isLong(value)) finishFlow(run, flow, { scope, result: decoded(run, returns, value) });
  else
    doLater(run, flow, function* () {
      finishFlow(run, flow, { scope, result: yield* decodedSteps(run, returns, value) });
    });
}

function finishFlow(
  run: RunState,
  flow: FlowNode,
  { scope, result }: { readonly scope: ScopeNode; readonly result: Checked },
): void {
  if (!result.ok) {
    fail(run, flow, stepError(flow, "invalid_output", `output: ${result.message}`));
    return;
  }
  if (!flow.fellBack) {
    const problem = writeStates(run, flow, scope);
    if (problem !== null) {
      fail(run, flow, stepError(flow, "invalid_output", problem));
      return;
    }
  }
  if (!flow.fellBack && flow.continuation !== null) run.continuations.push(flow.continuation);
  end(run, flow, { kind: "ok", value: result.value });
}

/** All states are stored anew, changed or not: the time of the last run decides about `idle`. */
function writeStates(run: RunState, flow: FlowNode, scope: ScopeNode): string | null {
  const writes: typeof run.stateWrites = [];
  for (const state of flow.code.states) {
    const { name, schema } = state.plan;
    const value = nextValue(flow, state, scope);
    if (!value.ok) return `next of ${name}: ${value.message}`;
    const result = decoded(run, schema, value.value);
    if (!result.ok) return `next of ${name}: ${result.message}`;
    const key = flow.readings.find((reading) => reading.name === name)?.key ?? "";
    writes.push({ flow: flow.code.plan.name, name, key, value: result.value });
  }
  run.stateWrites.push(...writes);
  return null;
}

type Next =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string };

function nextValue(flow: FlowNode, state: StateCode, scope: ScopeNode): Next {
  const { name, maxItems } = state.plan;
  try {
    const value = state.next === null ? (flow.states[name] ?? null) : state.next(scope);
    const said = flow.appended[name];
    if (said === undefined || !isList(value)) return { ok: true, value };
    const all = [...value, ...said];
    return { ok: true, value: maxItems === undefined ? all : all.slice(-maxItems) };
  } catch (error) {
    if (error instanceof ValueRefused) return { ok: false, message: error.message };
    throw error;
  }
}

export function flowSettled(run: RunState, flow: FlowNode, why: Interrupt): void {
  if (why.kind !== "fail") {
    end(run, flow, { kind: "cancelled" });
    return;
  }
  if (flow.phase === "undoing") {
    goOnAfterUndo(run, flow);
    return;
  }
  flow.error = why.error;
  const contains = flow.parent === null || (flow.code.fallback !== null && !flow.fellBack);
  if (!contains) {
    end(run, flow, { kind: "failed", error: why.error });
    return;
  }
  flow.phase = "undoing";
  const tree = flow.undo;
  flow.undo = null;
  if (!startCompensation(run, flow, tree)) goOnAfterUndo(run, flow);
}

function goOnAfterUndo(run: RunState, flow: FlowNode): void {
  const { error } = flow;
  const { fallback } = flow.code;
  assert(error !== null, () => `${flow.ownPath} was undone without an error`);
  if (fallback === null || flow.fellBack) {
    end(run, flow, { kind: "failed", error });
    return;
  }
  flow.phase = "fallback";
  flow.fellBack = true;
  flow.budget = null;
  callOffTimers(run, flow);
  openScope(run, {
    parent: flow,
    code: fallback,
    outer: null,
    path: `${flow.ownPath}!fallback`,
    values: [...visible(flow), ["error", errorJson(error)]],
  });
}

/** Keys of a flow's states, from its arguments. */
export function stateKeys(
  run: RunState,
  code: FlowCode,
  args: Args,
): readonly {
  readonly flow: string;
  readonly name: string;
  readonly was?: string;
  readonly key: string;
}[] {
  const names: Names = {
    lookup: (name) => args[name] ?? run.contextValue(name),
    config: (name) => run.config[name],
  };
  return code.states.map(({ plan, per }) => {
    // What cannot be evaluated fails the flow when it begins; admission has to be able to ask before that.
    const evaluated = tryEvaluate(per, names);
    const key = evaluated.ok ? evaluated.value : "";
    return {
      flow: code.plan.name,
      name: plan.name,
      ...(plan.was === undefined ? {} : { was: plan.was }),
      key: typeof key === "string" ? key : JSON.stringify(key),
    };
  });
}
