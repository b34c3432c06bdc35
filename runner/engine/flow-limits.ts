/** `concurrency`, `rate` and `priority` of flows that are called: excess waits its turn within the run. */

import { namesOf, tryEvaluate } from "../../plan/evaluate/names.ts";
import type { Names } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { FlowPlan, RatePlan } from "../../plan/plan.ts";
import type { Args } from "./act-state.ts";
import type { FlowCode } from "./code.ts";
import { flowOf } from "./finish-call.ts";
import type { FlowNode, TaskNode } from "./nodes.ts";
import { priorityOf } from "./priority.ts";
import type { RunState } from "./run-state.ts";
import { setTimer } from "./tree.ts";

/** Key of the limits within this run that a call of the flow is under; null when there are none. */
export function limitKey(run: RunState, code: FlowCode, args: Args): string | null {
  const { name } = code.plan;
  if (concurrencyWithin(run, code) === undefined && rateWithin(run, code) === undefined)
    return null;
  const per =
    code.concurrencyPer === null
      ? null
      : tryEvaluate(code.concurrencyPer, namesOf(args, run.config));
  return `flow ${name} ${per?.ok === true ? JSON.stringify(per.value) : ""}`;
}

/** Of the calls of this run; what holds for all runs is asked for when the flow begins. */
function rateWithin(run: RunState, { plan }: FlowCode): RatePlan | undefined {
  return run.created?.limits === undefined ? plan.rate : undefined;
}

function concurrencyWithin(run: RunState, { plan }: FlowCode): FlowPlan["concurrency"] {
  return run.created?.limits === "all" ? undefined : plan.concurrency;
}

/** The line in which runs and calls of the flow stand, in whatever process; null when it has no `concurrency`. */
export function flowSlot(run: RunState, code: FlowCode, args: Args): Slot | null {
  const { name, concurrency } = code.plan;
  if (concurrency === undefined) return null;
  const per = perOf(run, code, args);
  const text = typeof per === "string" ? per : JSON.stringify(per);
  return { key: `flow ${name} ${text}`, limit: concurrency.limit };
}

/** What a called flow asks the store for; null when it may begin without. */
export function callSlot(run: RunState, code: FlowCode, args: Args): Slot | null {
  return run.created?.limits === "all" ? flowSlot(run, code, args) : null;
}

/** "" without `per`, and when it cannot be evaluated: then the flow fails when it begins. */
function perOf(run: RunState, { concurrencyPer: per }: FlowCode, args: Args): Json {
  if (per === null) return "";
  const lookup = (word: string): Json | undefined => args[word] ?? run.contextValue(word);
  const value = tryEvaluate(per, { lookup, config: (word) => run.config[word] });
  return value.ok ? value.value : "";
}

/** The rate under which runs and calls of the flow begin, in whatever process; null when there is none. */
export function sharedRate(
  run: RunState,
  code: FlowCode,
  args: Args,
): { readonly key: string; readonly rate: RatePlan } | null {
  const { rate, name } = code.plan;
  if (rate === undefined || run.created?.limits === undefined) return null;
  const { concurrencyPer: per } = code;
  const lookup = (word: string): Json | undefined => args[word] ?? run.contextValue(word);
  const value =
    per === null ? null : tryEvaluate(per, { lookup, config: (word) => run.config[word] });
  return { key: `flow ${name} ${value?.ok === true ? JSON.stringify(value.value) : ""}`, rate };
}

/** Whether nothing outside of the run has to let the called flow begin. */
export function beginsAtOnce(run: RunState, code: FlowCode, args: Args): boolean {
  return callSlot(run, code, args) === null && sharedRate(run, code, args) === null;
}

/** Whether the call may begin now; else it stands in line, and begins when `release` or the timer of its rate lets it. */
export function mayEnter(
  run: RunState,
  task: TaskNode,
  { code, key }: { readonly code: FlowCode; readonly key: string },
): boolean {
  const concurrency = concurrencyWithin(run, code);
  const rate = rateWithin(run, code);
  const limit = run.flowLimits.get(key) ?? { running: 0, starts: [], queue: new Set<TaskNode>() };
  run.flowLimits.set(key, limit);
  const full = concurrency !== undefined && limit.running >= concurrency.limit;
  const earliest =
    rate === undefined || limit.starts.length < rate.count ? undefined : limit.starts[0];
  const dueMs = earliest === undefined || rate === undefined ? 0 : earliest + rate.perMs;
  if (!full && dueMs <= run.nowMs) {
    limit.queue.delete(task);
    task.queuedFor = null;
    limit.running += 1;
    if (rate === undefined) return true;
    if (earliest !== undefined) limit.starts.shift();
    limit.starts.push(run.nowMs);
    return true;
  }
  limit.queue.add(task);
  task.queuedFor = key;
  if (!full && run.timers.find("rate", task.path) === undefined)
    setTimer(run, task, { kind: "rate", path: task.path, dueMs });
  return false;
}

/** A call has ended: the most urgent of those that wait goes on, of equal ones the one that came first. */
export function release(run: RunState, key: string): void {
  const limit = run.flowLimits.get(key);
  if (limit === undefined) return;
  limit.running -= 1;
  let next: TaskNode | null = null;
  let urgency = -1;
  for (const task of limit.queue) {
    if (!isQueued(task, key)) {
      limit.queue.delete(task);
      continue;
    }
    const priority = priorityOfCall(run, task);
    if (priority <= urgency) continue;
    next = task;
    urgency = priority;
  }
  if (next !== null) run.later(next);
}

function isQueued(task: TaskNode, key: string): boolean {
  return (
    !task.ended && task.interrupt === null && task.phase === "action" && task.queuedFor === key
  );
}

/** Of the call, else of the flow that it calls, else of the flow around it. */
export function priorityOfCall(run: RunState, task: TaskNode): number {
  const { action } = task.code;
  const around = flowOf(task)?.priority ?? 5;
  if (action.kind !== "call" || task.act?.kind !== "call" || task.act.callee?.kind !== "flow")
    return around;
  if (action.priority !== null) return evaluated(action.priority, task.scope) ?? around;
  const code = run.program.flows.get(task.act.callee.name);
  const own = code?.priority ?? null;
  return own === null ? around : (evaluated(own, namesOf(task.act.args, run.config)) ?? around);
}

function evaluated(evaluate: NonNullable<FlowCode["priority"]>, names: Names): number | null {
  const result = tryEvaluate(evaluate, names);
  return result.ok ? priorityOf(result.value) : null;
}

/** The flow of a call takes over the place in the line, and the priority. */
export function enter(run: RunState, flow: FlowNode, { key, priority }: Entry): void {
  flow.limitKey = key;
  flow.priority = priority;
  if (flow.priority !== run.root?.priority) run.mixedPriorities = true;
}

/** At most `limit` hold `key` at once. */
interface Slot {
  readonly key: string;
  readonly limit: number;
}

export interface Entry {
  readonly key: string | null;
  readonly priority: number;
}
