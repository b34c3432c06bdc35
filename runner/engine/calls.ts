/** Calls: whom, with what, tried how often; and the actions `fail`, `sleep`, `receive`, `emit`, `continue`. */

import { sha256 } from "../../base/sha256.ts";
import { numberOf, timeMs } from "../../plan/evaluate/arithmetic.ts";
import { equalityKey } from "../../plan/evaluate/equality.ts";
import { fieldOf, isRecord } from "../../plan/evaluate/json-record.ts";
import { namesOf } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { Args, CallState, Resolved } from "./act-state.ts";
import { startAgent } from "./agents.ts";
import {
  callArguments,
  checkedArguments,
  checkedArgumentsSteps,
  completeArguments,
  takeLong,
} from "./arguments.ts";
import { budgetLimits, newBudget, strictest } from "./budget.ts";
import type { CallCode, ParamCode } from "./code.ts";
import { stepError } from "./failure.ts";
import { beginsAtOnce, limitKey, mayEnter, priorityOfCall } from "./flow-limits.ts";
import { nearReserve } from "./near-reserve.ts";
import { cachePlan, finishedBefore, flowOf, succeed } from "./finish-call.ts";
import { decoded, decodedSteps, finishTask, namesOfTask, returnsOf } from "./finish-task.ts";
import type { Checked } from "./finish-task.ts";
import { setTryLimit, startFlow } from "./flows.ts";
import { addLeaf } from "./leaves.ts";
import { doLater, isLong } from "./long-work.ts";
import type { LeafNode, TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { startStub } from "./stubs.ts";
import { fail, setTimer } from "./tree.ts";

export function startCall(run: RunState, task: TaskNode, code: CallCode): void {
  const { callee } = code.plan;
  switch (callee.kind) {
    case "fail":
    case "sleep":
    case "receive":
    case "emit":
    case "continue":
      startBuiltIn(run, task, { code, action: callee.kind });
      return;
    default:
      startCallable(run, task, code);
  }
}

function newCallState(args: Args, callee: Resolved | null): CallState {
  return {
    kind: "call",
    args,
    callee,
    innerTries: 0,
    outerTries: 1,
    limitMs: null,
    retryAfterMs: 0,
    cacheKey: null,
    loaded: false,
    stubIndex: 0,
  };
}

function startCallable(run: RunState, task: TaskNode, code: CallCode): void {
  const callee = resolve(run, task, code);
  if (callee === null) return;
  const params = paramsOf(run, callee);
  if (task.given !== null) {
    const args = completeArguments(run, { values: task.given, params, input: null });
    startWith(run, task, { code, callee, args });
    return;
  }
  const given = callArguments(run, namesOfTask(task), { code, params });
  // Generators cost more than it takes to check what is short.
  if (!takeLong(given)) startWith(run, task, { code, callee, args: checkedArguments(run, given) });
  else
    doLater(run, task, function* () {
      const args = yield* checkedArgumentsSteps(run, given);
      startWith(run, task, { code, callee, args });
    });
}

function startWith(
  run: RunState,
  task: TaskNode,
  {
    code,
    callee,
    args,
  }: { readonly code: CallCode; readonly callee: Resolved; readonly args: Args },
): void {
  const act = newCallState(args, callee);
  task.act = act;
  setBudget(run, task, callee);
  if (finishedBefore(run, task, args)) return;
  const cache = cachePlan(run, code, callee);
  if (cache === null) {
    startTry(run, task);
    return;
  }
  act.cacheKey = sha256(equalityKey([meaningOf(run, callee), code.plan.model ?? null, args]));
  addLeaf(run, task, {
    activity: "cache",
    callee: callee.name,
    path: `${task.path}!cache`,
    attempt: 1,
    ...nearReserve(run, task, { code, act }),
  });
}

function resolve(run: RunState, task: TaskNode, code: CallCode): Resolved | null {
  const { callee } = code.plan;
  if (callee.kind === "agent" || callee.kind === "tool" || callee.kind === "flow") return callee;
  if (callee.kind !== "role" && callee.kind !== "value") return null;
  const fillers = run.program.program.roles[callee.role]?.fillers ?? [];
  if (callee.kind === "value") {
    const name = code.callee === null ? null : code.callee(namesOfTask(task));
    const chosen = fillers.find((filler) => filler.name === name);
    if (chosen !== undefined) return { kind: chosen.kind, name: chosen.name };
    fail(
      run,
      task,
      stepError(
        task,
        "invalid_input",
        `${JSON.stringify(name)} does not fill the role ${callee.role}`,
      ),
    );
    return null;
  }
  const able = fillers.filter((filler) =>
    callee.requires.every((skill) => filler.skills.includes(skill)),
  );
  const burden = (name: string): number =>
    (run.ailing.has(name) ? 1_000_000 : 0) + (run.load.get(name) ?? 0);
  const [best] = [...able].sort((left, right) => burden(left.name) - burden(right.name));
  if (best !== undefined) return { kind: best.kind, name: best.name };
  fail(run, task, stepError(task, "unavailable", `nobody fills the role ${callee.role}`));
  return null;
}

function paramsOf(run: RunState, callee: Resolved): readonly ParamCode[] {
  const { agents, tools, flows } = run.program;
  return { agent: agents, tool: tools, flow: flows }[callee.kind].get(callee.name)?.params ?? [];
}

function meaningOf(run: RunState, callee: Resolved): string {
  const code =
    callee.kind === "agent"
      ? run.program.agents.get(callee.name)
      : run.program.tools.get(callee.name);
  return code?.meaning() ?? callee.name;
}

/** A call has one budget for all its tries; an agent's own counts for each call of it. */
function setBudget(run: RunState, task: TaskNode, callee: Resolved): void {
  const agent = callee.kind === "agent" ? run.program.agents.get(callee.name) : undefined;
  if (task.code.budget === null && (agent === undefined || agent.budget === null)) return;
  const own = budgetLimits(task.code.budget, task.scope);
  const limits =
    agent === undefined
      ? own
      : strictest(
          own,
          budgetLimits(
            agent.budget,
            namesOf(task.act?.kind === "call" ? task.act.args : {}, run.config),
          ),
        );
  task.budget = newBudget(limits);
  if (limits.timeMs !== null)
    setTimer(run, task, { kind: "budget", path: task.path, dueMs: run.nowMs + limits.timeMs });
}

/** Begins one try. A role may be filled by somebody else than the last time. */
export function startTry(run: RunState, task: TaskNode): void {
  const { action } = task.code;
  const act = task.act;
  if (action.kind !== "call" || act === null || (act.kind !== "call" && act.kind !== "agent"))
    return;
  task.phase = "action";
  task.attempt += 1;
  act.innerTries += 1;
  act.retryAfterMs = 0;
  if (action.plan.callee.kind === "role" && task.attempt > 1) {
    const callee = resolve(run, task, action);
    if (callee === null) return;
    act.callee = callee;
  }
  const { callee } = act;
  if (callee === null) {
    startBuiltInTry(run, task);
    return;
  }
  act.loaded = true;
  run.load.set(callee.name, (run.load.get(callee.name) ?? 0) + 1);
  startCallee(run, task, { callee, args: act.args });
}

function startCallee(
  run: RunState,
  task: TaskNode,
  { callee, args }: { readonly callee: Resolved; readonly args: Args },
): void {
  const name = callee.kind === "flow" ? declaredName(callee.name) : callee.name;
  const stub = run.program.stubs[name];
  if (callee.kind === "flow" && stub === undefined) {
    startCalledFlow(run, task, { id: callee.name, args });
    return;
  }
  const limitMs = limitOfTry(run, task);
  if (task.act?.kind === "call" || task.act?.kind === "agent") task.act.limitMs = limitMs;
  if (stub !== undefined) {
    startStub(run, task, { stub, callee: name });
    return;
  }
  if (callee.kind === "tool") {
    addLeaf(run, task, {
      activity: "tool",
      callee: callee.name,
      path: task.path,
      attempt: task.attempt,
    });
    return;
  }
  if (limitMs !== null)
    setTimer(run, task, { kind: "timeout", path: task.path, dueMs: run.nowMs + limitMs });
  startAgent(run, task, { agent: callee.name, base: basePath(run, task) });
}

/** Flows that are specialised for a call are named like `reviewLoop(judge: reader)`. */
function declaredName(flow: string): string {
  const open = flow.indexOf("(");
  return open < 0 ? flow : flow.slice(0, open);
}

/** Each further try has a path of its own. */
function basePath(run: RunState, task: TaskNode): string {
  if (task.attempt > 1) run.generations = true;
  return task.attempt === 1 ? task.path : `${task.path}~${task.attempt}`;
}

/** The flow begins as soon as its limits allow; the clock of its try starts then. */
function startCalledFlow(
  run: RunState,
  task: TaskNode,
  { id, args }: { readonly id: string; readonly args: Args },
): void {
  const code = run.program.flows.get(id);
  const key = code === undefined ? null : limitKey(run, code, args);
  if (code !== undefined && key !== null && !mayEnter(run, task, { code, key })) return;
  if (task.act?.kind === "call") task.act.limitMs = limitOfTry(run, task);
  if (code === undefined || beginsAtOnce(run, code, args)) setTryLimit(run, task);
  const entry = { key, priority: priorityOfCall(run, task) };
  startFlow(run, { parent: task, id, args, path: basePath(run, task), entry });
}

/** A call that waited for the limits of its flow may have its turn. */
export function goOnWithCall(run: RunState, task: TaskNode): void {
  const { act } = task;
  if (task.queuedFor === null || act?.kind !== "call" || act.callee?.kind !== "flow") return;
  startCalledFlow(run, task, { id: act.callee.name, args: act.args });
}

/** Of one try, in milliseconds: the stricter of what the call and its callee say. */
function limitOfTry(run: RunState, task: TaskNode): number | null {
  const { act } = task;
  const own = task.code.timeoutMs === null ? null : numberOf(task.code.timeoutMs(task.scope));
  if (
    act === null ||
    (act.kind !== "call" && act.kind !== "agent") ||
    act.callee === null ||
    act.callee.kind === "flow"
  )
    return own;
  const callee = (act.callee.kind === "agent" ? run.program.agents : run.program.tools).get(
    act.callee.name,
  );
  const evaluator = callee?.timeoutMs ?? null;
  const theirs = evaluator === null ? null : numberOf(evaluator(namesOf(act.args, run.config)));
  return own === null ? theirs : theirs === null ? own : Math.min(own, theirs);
}

type BuiltIn = "fail" | "sleep" | "receive" | "emit" | "continue";

function startBuiltIn(
  run: RunState,
  task: TaskNode,
  { code, action }: { readonly code: CallCode; readonly action: BuiltIn },
): void {
  const names = namesOfTask(task);
  const args: Record<string, Json> = {};
  for (const [name, evaluate] of code.arguments) args[name] = evaluate(names);
  task.act = newCallState(args, null);
  if (action !== "fail" && action !== "continue" && finishedBefore(run, task, args)) return;
  setTimeBudget(run, task);
  startTry(run, task);
}

function setTimeBudget(run: RunState, task: TaskNode): void {
  const { timeMs: limit } = budgetLimits(task.code.budget, task.scope);
  if (limit !== null)
    setTimer(run, task, { kind: "budget", path: task.path, dueMs: run.nowMs + limit });
}

function startBuiltInTry(run: RunState, task: TaskNode): void {
  const { action } = task.code;
  if (action.kind !== "call" || task.act?.kind !== "call") return;
  const { args } = task.act;
  switch (action.plan.callee.kind) {
    case "fail":
      fail(run, task, raised(task, args));
      return;
    case "sleep":
      sleep(run, task, args);
      return;
    case "continue":
      continueRun(run, task, { code: action, input: args });
      return;
    case "emit":
      addLeaf(run, task, {
        activity: "emit",
        callee: String(args["topic"] ?? ""),
        path: task.path,
        attempt: task.attempt,
      });
      return;
    default: {
      const timeoutMs = limitOfTry(run, task);
      if (timeoutMs !== null)
        setTimer(run, task, { kind: "timeout", path: task.path, dueMs: run.nowMs + timeoutMs });
      addLeaf(run, task, {
        activity: "receive",
        callee: String(args["topic"] ?? ""),
        path: task.path,
        attempt: task.attempt,
      });
    }
  }
}

/** `fail("code", message)` is a new error; `fail(error)` passes on the one that was caught. */
function raised(task: TaskNode, args: Args): ReturnType<typeof stepError> {
  const error = args["error"] ?? null;
  if (!isRecord(error))
    return stepError(
      task,
      String(args["code"] ?? "internal"),
      String(args["message"] ?? args["code"] ?? ""),
    );
  const text = (name: string): string => String(fieldOf(error, name) ?? "");
  return {
    code: text("code"),
    message: text("message"),
    step: text("step"),
    attempts: numberOf(fieldOf(error, "attempts")),
  };
}

function sleep(run: RunState, task: TaskNode, args: Args): void {
  const until = args["until"] ?? null;
  const dueMs = until === null ? run.nowMs + numberOf(args["for"] ?? 0) : timeMs(until);
  if (dueMs <= run.nowMs) finishTask(run, task, null);
  else setTimer(run, task, { kind: "sleep", path: task.path, dueMs });
}

/** The flow in which this stands is started again, as a run of its own, once this run has succeeded. */
function continueRun(
  run: RunState,
  task: TaskNode,
  { code, input }: { readonly code: CallCode; readonly input: Args },
): void {
  const flow = flowOf(task);
  if (flow === null) return;
  // In a row are the runs of one flow: one that this run calls begins to count anew.
  const sameFlow = flow.code.id === run.created?.flow;
  const count = (sameFlow ? (run.created?.continuation ?? 0) : 0) + 1;
  const { maxRuns } = code.plan;
  if (maxRuns !== undefined && count > maxRuns) {
    fail(
      run,
      task,
      stepError(task, "exhausted", `the flow has continued itself ${maxRuns} times in a row`),
    );
    return;
  }
  const { params, plan } = flow.code;
  flow.continuation = {
    flow: flow.code.id,
    input: completeArguments(run, { values: input, params, input: plan.input }),
    pauseMs: code.pauseMs === null ? 0 : numberOf(code.pauseMs(task.scope)),
    continuation: count,
  };
  finishTask(run, task, null);
}

/** An activity of the call succeeded: `value` is what came in. */
export function callLeafDone(
  run: RunState,
  task: TaskNode,
  { leaf, value }: { readonly leaf: LeafNode; readonly value: Json },
): void {
  if (leaf.activity === "cache") {
    cacheAnswered(run, task, value);
    return;
  }
  const { action } = task.code;
  const returns =
    action.kind === "call" ? (action.plan.returns ?? callReturns(run, task)) : undefined;
  if (returns === undefined) {
    succeed(run, task, value);
    return;
  }
  const finish = (result: Checked): void => {
    if (result.ok) succeed(run, task, result.value);
    else fail(run, task, stepError(task, "invalid_output", result.message));
  };
  // Generators cost more than it takes to decode what is short.
  if (!isLong(value)) finish(decoded(run, returns, value, "drop"));
  else
    doLater(run, task, function* () {
      finish(yield* decodedSteps(run, returns, value, "drop"));
    });
}

function callReturns(run: RunState, task: TaskNode): string | undefined {
  return task.act?.kind === "call" || task.act?.kind === "agent"
    ? returnsOf(run, task.act.callee)
    : undefined;
}

function cacheAnswered(run: RunState, task: TaskNode, answer: Json): void {
  const returns = callReturns(run, task);
  if (fieldOf(answer, "hit") === true && returns !== undefined) {
    const result = decoded(run, returns, fieldOf(answer, "value"));
    if (result.ok) {
      finishTask(run, task, result.value);
      return;
    }
  }
  startTry(run, task);
}
