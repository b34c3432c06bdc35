/** Blocks: their steps start when what they mention is done, and the block has its value when all are. */

import { tryEvaluate } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { ErrorValue } from "../../plan/history.ts";
import type { BlockCode } from "./code.ts";
import { startCompensation } from "./compensation.ts";
import { stepError } from "./failure.ts";
import { ScopeNode, TaskNode } from "./nodes.ts";
import type { Ending, Interrupt, Node, ParentNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { addChild, end, fail, interrupt } from "./tree.ts";

export interface NewScope {
  readonly parent: ParentNode;
  readonly code: BlockCode;
  readonly outer: ScopeNode | null;
  /** Of its steps; an unnamed one has it as its own. */
  readonly path: string;
  readonly unnamedPath?: string;
  readonly values?: readonly (readonly [string, Json])[];
  readonly race?: boolean;
  readonly contains?: boolean;
  readonly item?: number;
}

export function openScope(run: RunState, given: NewScope): ScopeNode {
  const { parent, code, outer, path } = given;
  const scope = new ScopeNode({
    run,
    code,
    outer,
    path,
    parent,
    race: given.race ?? false,
    contains: given.contains ?? false,
    item: given.item ?? -1,
  });
  for (const [name, value] of given.values ?? []) scope.values.set(name, value);
  addChild(parent, scope);
  scope.open = code.steps.length;
  for (const step of code.steps) {
    const stepPath = step.name === "" ? (given.unnamedPath ?? path) : `${path}.${step.name}`;
    const task = new TaskNode({ code: step, scope, path: stepPath, parent: scope });
    scope.tasks.push(task);
    addChild(scope, task);
  }
  for (const task of scope.tasks) {
    task.waiting = task.code.inner;
    for (const name of task.code.outer) if (waitOutside(scope, name, task)) task.waiting += 1;
    if (task.waiting === 0) run.later(task);
  }
  for (const name of code.outputWaits) if (waitOutside(scope, name, scope)) scope.open += 1;
  if (scope.open === 0) run.later(scope);
  return scope;
}

/** Registers `waiter` with the step of an enclosing block; false if that step is done. */
function waitOutside(scope: ScopeNode, name: string, waiter: TaskNode | ScopeNode): boolean {
  for (let at = scope.outer; at !== null; at = at.outer) {
    if (!at.code.stepNames.has(name)) continue;
    if (at.values.has(name)) return false;
    const waiters = (at.waiters ??= new Map<string, (TaskNode | ScopeNode)[]>());
    const list = waiters.get(name);
    if (list === undefined) waiters.set(name, [waiter]);
    else list.push(waiter);
    return true;
  }
  return false;
}

/** All steps are done and all that the output mentions is there. */
export function completeScope(run: RunState, scope: ScopeNode): void {
  if (scope.race) return;
  const { output } = scope.code;
  if (output === null) {
    end(run, scope, { kind: "ok", value: null });
    return;
  }
  const evaluated = tryEvaluate(output, scope);
  if (evaluated.ok) end(run, scope, { kind: "ok", value: evaluated.value });
  else fail(run, scope, stepError(scope, "invalid_input", evaluated.message));
}

export function scopeChildEnded(
  run: RunState,
  scope: ScopeNode,
  at: { readonly child: Node; readonly ending: Ending },
): void {
  const { child, ending } = at;
  if (child.kind === "undo") {
    end(run, scope, scope.result ?? { kind: "cancelled" });
    return;
  }
  if (child.kind !== "task") return;
  if (ending.kind === "ok") taskDone(run, scope, { task: child, value: ending.value });
  else if (ending.kind === "failed" && scope.race)
    racerFailed(run, scope, { task: child, error: ending.error });
  else if (ending.kind === "failed") fail(run, scope, ending.error);
}

function taskDone(
  run: RunState,
  scope: ScopeNode,
  { task, value }: { readonly task: TaskNode; readonly value: Json },
): void {
  scope.values.set(task.code.name, value);
  if (scope.race) {
    win(run, scope, { task, value });
    return;
  }
  for (const position of task.code.dependents) {
    const dependent = scope.tasks[position];
    if (dependent !== undefined) needMet(run, dependent);
  }
  const waiters = scope.waiters?.get(task.code.name);
  if (waiters !== undefined) {
    scope.waiters?.delete(task.code.name);
    for (const waiter of waiters) needMet(run, waiter);
  }
  needMet(run, scope);
}

function needMet(run: RunState, node: TaskNode | ScopeNode): void {
  if (node.ended) return;
  const left = node.kind === "task" ? (node.waiting -= 1) : (node.open -= 1);
  if (left === 0 && node.interrupt === null) run.later(node);
}

/** What the winner finished stays; what the others finished is undone. */
function win(
  run: RunState,
  scope: ScopeNode,
  { task, value }: { readonly task: TaskNode; readonly value: Json },
): void {
  const own = task.undo !== null && task.undo.length > 0 ? scope.undo?.pop() : undefined;
  scope.kept = own === undefined ? null : [own];
  interrupt(run, scope, { kind: "won", value });
}

function racerFailed(
  run: RunState,
  scope: ScopeNode,
  { task, error }: { readonly task: TaskNode; readonly error: ErrorValue },
): void {
  const { name } = task.code;
  const waiting = [
    ...task.code.dependents.map((position) => scope.tasks[position]),
    ...(scope.waiters?.get(name) ?? []),
  ];
  scope.waiters?.delete(name);
  for (const node of waiting) {
    if (node !== undefined && !node.ended)
      fail(run, node, stepError(node, "upstream_failed", `${task.path} failed: ${error.message}`));
  }
  if (scope.ended || scope.interrupt !== null) return;
  if (scope.children === null) fail(run, scope, error);
}

export function scopeSettled(run: RunState, scope: ScopeNode, why: Interrupt): void {
  const ending: Ending =
    why.kind === "won"
      ? { kind: "ok", value: why.value }
      : why.kind === "fail"
        ? { kind: "failed", error: why.error }
        : { kind: "cancelled" };
  scope.result = ending;
  if (why.kind !== "won" && scope.kept !== null) {
    // A race that was won is cancelled before its losers have ended: the winner's deeds count like all others.
    (scope.undo ??= []).push(scope.kept);
    scope.kept = null;
  }
  if (why.kind === "won" || (why.kind === "fail" && scope.contains)) {
    const losers = scope.undo;
    scope.undo = scope.kept;
    scope.kept = null;
    scope.phase = "undoing";
    if (startCompensation(run, scope, losers)) return;
  }
  end(run, scope, ending);
}
