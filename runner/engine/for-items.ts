/** `for`: items side by side, in the order of the list or of what they need. */

import { allSteps } from "../../base/all-steps.ts";
import { numberOf } from "../../plan/evaluate/arithmetic.ts";
import { isList } from "../../plan/evaluate/json-record.ts";
import type { Names } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { ErrorValue } from "../../plan/history.ts";
import { longFrom, noteForm, type ListForm } from "../../plan/known-lists.ts";
import type { ForState } from "./act-state.ts";
import type { ForCode } from "./code.ts";
import { dataList } from "./data-list.ts";
import { errorJson, stepError } from "./failure.ts";
import { finishTask } from "./finish-task.ts";
import { itemGraph, targetsOf } from "./item-graph.ts";
import { doLater } from "./long-work.ts";
import type { Ending, ScopeNode, TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { openScope } from "./scopes.ts";
import { fail, setTimer } from "./tree.ts";

/** A fraction of a millisecond. */
const itemsPerStep = 64;

export function startFor(run: RunState, task: TaskNode, code: ForCode): void {
  const list = code.list(task.scope);
  const items = isList(list) ? list : [];
  const maxItems = numberOf(code.maxItems(task.scope));
  if (items.length > maxItems) {
    fail(
      run,
      task,
      stepError(
        task,
        "too_many_items",
        `${items.length} items are more than the ${maxItems} allowed`,
      ),
    );
    return;
  }
  const prepare = (): Generator<void, void> => prepareItems(run, task, { code, items });
  if (items.length < longFrom) allSteps(prepare());
  else doLater(run, task, prepare);
}

function* prepareItems(
  run: RunState,
  task: TaskNode,
  { code, items }: { readonly code: ForCode; readonly items: readonly Json[] },
): Generator<void, void> {
  const keys =
    code.key === null
      ? null
      : yield* forEach(items, (item) =>
          asKey(evaluateFor(task, code, { item, evaluate: code.key })),
        );
  const needs =
    code.needs === null
      ? null
      : yield* forEach(items, (item) =>
          asKeys(evaluateFor(task, code, { item, evaluate: code.needs })),
        );
  const graph = yield* itemGraph(keys, needs);
  if (!graph.ok) {
    fail(run, task, stepError(task, "invalid_input", graph.message));
    return;
  }
  task.act = {
    kind: "for",
    items: dataList(
      run.itemInputs.size === 0
        ? items
        : items.map((item, at) => run.itemInputs.get(itemPath(task, keys, at)) ?? item),
    ),
    keys: keys === null ? null : dataList(keys),
    concurrency: Math.max(1, numberOf(code.concurrency(task.scope))),
    allowed: allowedFailures(task, code, items.length),
    results: dataList(items.map((): Json => null)),
    failed: dataList([]),
    graph: graph.graph,
    head: 0,
    running: 0,
    done: 0,
    starts: [],
  };
  pumpFor(run, task, code);
}

function* forEach<T>(items: readonly Json[], work: (item: Json) => T): Generator<void, T[]> {
  const results: T[] = [];
  for (const item of items) {
    results.push(work(item));
    if (results.length % itemsPerStep === 0) yield;
  }
  return results;
}

function evaluateFor(
  task: TaskNode,
  code: ForCode,
  { item, evaluate }: { readonly item: Json; readonly evaluate: ForCode["key"] },
): Json {
  const names: Names = {
    lookup: (name) => (name === code.variable ? item : task.scope.lookup(name)),
    config: (name) => task.scope.config(name),
  };
  return evaluate === null ? null : evaluate(names);
}

function asKey(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function asKeys(value: Json): readonly string[] {
  return isList(value) ? value.map(asKey) : [];
}

function allowedFailures(task: TaskNode, code: ForCode, count: number): number | null {
  if (code.tolerate === null) return null;
  if ("count" in code.tolerate) return numberOf(code.tolerate.count(task.scope));
  return Math.floor(code.tolerate.fraction * count + 1e-9);
}

/** Starts what may start, or ends the step. */
export function pumpFor(run: RunState, task: TaskNode, code: ForCode): void {
  const { act } = task;
  if (act?.kind !== "for") return;
  if (act.done === act.items.length) {
    const { itemForms: items } = code;
    finishTask(run, task, resultOf(act, items === null ? null : { schemas: run.schemas, items }));
    return;
  }
  if (opening.has(task)) return;
  if (roomOf(run, { act, rate: code.rate }) >= longFrom) {
    doLater(run, task, () => openItems(run, task, { code, act }));
    return;
  }
  while (startNext(run, task, { code, act }));
}

/** Steps whose items are being started in parts; none is between two events. */
const opening = new WeakSet<TaskNode>();

/** Thousands may start at once: what follows from some of them happens before the next ones start, and others have their turn in between. */
function* openItems(
  run: RunState,
  task: TaskNode,
  { code, act }: { readonly code: ForCode; readonly act: ForState },
): Generator<void, void> {
  const goesOn = (): boolean => task.act === act && !task.ended && task.interrupt === null;
  opening.add(task);
  try {
    for (let started = 1; goesOn() && startNext(run, task, { code, act }); started += 1) {
      if (started % itemsPerStep !== 0) continue;
      run.drain();
      yield;
    }
  } finally {
    opening.delete(task);
  }
  run.drain();
  if (goesOn()) pumpFor(run, task, code);
}

type Rate = NonNullable<ForCode["rate"]>;

/** So many could start now, or fewer if the rate ends in between; none where it lets none start. */
function roomOf(
  run: RunState,
  { act, rate }: { readonly act: ForState; readonly rate: Rate | null },
): number {
  if (rate !== null && fullUntilMs(run, { act, rate }) !== null) return 0;
  const ready = act.graph === null ? act.items.length : act.graph.ready.length;
  return Math.min(act.concurrency - act.running, ready - act.head);
}

/** Starts the next item; false when none may start now. */
function startNext(
  run: RunState,
  task: TaskNode,
  { code, act }: { readonly code: ForCode; readonly act: ForState },
): boolean {
  if (act.running >= act.concurrency) return false;
  const position = peek(act);
  if (position === undefined) return false;
  if (code.rate !== null && !withinRate(run, task, { act, rate: code.rate })) return false;
  act.head += 1;
  startItem(run, task, { code, act, position });
  return true;
}

function peek(act: ForState): number | undefined {
  return act.graph === null
    ? act.head < act.items.length
      ? act.head
      : undefined
    : act.graph.ready[act.head];
}

/** At most `count` starts in any stretch of `perMs`; else a timer is set for when the next may begin. */
function withinRate(
  run: RunState,
  task: TaskNode,
  { act, rate }: { readonly act: ForState; readonly rate: Rate },
): boolean {
  const dueMs = fullUntilMs(run, { act, rate });
  if (dueMs !== null) {
    if (run.timers.find("rate", task.path) === undefined)
      setTimer(run, task, { kind: "rate", path: task.path, dueMs });
    return false;
  }
  if (act.starts.length >= rate.count) act.starts.shift();
  act.starts.push(run.nowMs);
  return true;
}

/** When the next may begin; null if it may now. */
function fullUntilMs(
  run: RunState,
  { act, rate }: { readonly act: ForState; readonly rate: Rate },
): number | null {
  const earliest = act.starts.length < rate.count ? undefined : act.starts[0];
  if (earliest === undefined || earliest + rate.perMs <= run.nowMs) return null;
  return earliest + rate.perMs;
}

function startItem(
  run: RunState,
  task: TaskNode,
  {
    code,
    act,
    position,
  }: { readonly code: ForCode; readonly act: ForState; readonly position: number },
): void {
  act.running += 1;
  const path = itemPath(task, act.keys, position);
  const before = act.allowed === null ? null : formerFailure(run, path);
  if (before !== null) {
    act.running -= 1;
    itemFailed(run, task, { act, code, position, error: before });
    if (task.interrupt === null && !task.ended) run.later(task);
    return;
  }
  const values: (readonly [string, Json])[] = [[code.variable, act.items[position] ?? null]];
  if (act.graph !== null)
    values.push([
      "upstream",
      targetsOf(act.graph.needs, position).map((needed) => act.results[needed] ?? null),
    ]);
  openScope(run, {
    parent: task,
    code: code.body,
    outer: task.scope,
    path,
    values,
    contains: act.allowed !== null,
    item: position,
  });
}

/** Brackets in keys are escaped, so that no two items have one path. */
function itemPath(task: TaskNode, keys: ForState["keys"], position: number): string {
  const key = keys?.[position];
  return `${task.path}[${key === undefined ? position : key.replaceAll(/[[\]%]/g, encodeURIComponent)}]`;
}

/** When one item is done again, the others that failed stay as they were. */
function formerFailure(run: RunState, path: string): ErrorValue | null {
  const redo = run.redo?.redo;
  if (redo?.kind !== "item" || overlap(redo.path, path)) return null;
  return run.redo?.failedItems.get(path) ?? null;
}

/** Both are paths of items, which end with a bracket. */
function overlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** An item that failed with one it needs, and was kept for that, has succeeded after all. */
function settleLetter(run: RunState, path: string): void {
  if (run.lettered.delete(path)) run.effects.push({ kind: "letter-settled", path });
}

export function itemEnded(
  run: RunState,
  task: TaskNode,
  { scope, ending }: { readonly scope: ScopeNode; readonly ending: Ending },
): void {
  const { act, code } = task;
  if (act?.kind !== "for" || code.action.kind !== "for" || ending.kind === "cancelled") return;
  act.running -= 1;
  if (ending.kind === "ok") {
    settleLetter(run, scope.path);
    run.observer?.itemSettled?.(scope.path, null);
    itemDone(act, scope.item, ending.value);
  } else
    itemFailed(run, task, { act, code: code.action, position: scope.item, error: ending.error });
  if (task.interrupt === null && !task.ended) run.later(task);
}

function itemDone(act: ForState, position: number, value: Json): void {
  act.results[position] = value;
  act.done += 1;
  if (act.graph === null) return;
  for (const dependent of targetsOf(act.graph.dependents, position)) {
    const left = (act.graph.unmet[dependent] ?? 0) - 1;
    act.graph.unmet[dependent] = left;
    if (left === 0) act.graph.ready.push(dependent);
  }
}

interface FailedItem {
  readonly act: ForState;
  readonly code: ForCode;
  readonly position: number;
  readonly error: ErrorValue;
}

/** The items that need a failed one, directly or not, fail with it. */
function itemFailed(
  run: RunState,
  task: TaskNode,
  { act, code, position, error }: FailedItem,
): void {
  const failing: [number, ErrorValue][] = [[position, error]];
  run.observer?.itemSettled?.(itemPath(task, act.keys, position), error);
  for (let at = 0; at < failing.length; at += 1) {
    const [failed, reason] = failing[at] as [number, ErrorValue];
    act.done += 1;
    act.failed.push([failed, reason]);
    const path = itemPath(task, act.keys, failed);
    if (code.deadLetter !== null && !run.lettered.has(path)) {
      run.lettered.add(path);
      run.effects.push({
        kind: "dead-letter",
        queue: code.deadLetter,
        path,
        input: act.items[failed] ?? null,
        errors: [reason],
      });
    }
    if (act.graph === null) continue;
    for (const dependent of targetsOf(act.graph.dependents, failed)) {
      if ((act.graph.unmet[dependent] ?? -1) < 0) continue;
      act.graph.unmet[dependent] = -1;
      failing.push([
        dependent,
        stepError(
          task,
          "upstream_failed",
          `${act.keys?.[dependent] ?? dependent} needs ${act.keys?.[failed] ?? failed}, which failed`,
        ),
      ]);
    }
  }
  if (act.allowed === null) fail(run, task, error);
  else if (act.failed.length > act.allowed) {
    fail(
      run,
      task,
      stepError(
        task,
        "upstream_failed",
        `${act.failed.length} of ${act.items.length} items failed, ${act.allowed} are tolerated; the last: ${error.message}`,
      ),
    );
  }
}

function resultOf(act: ForState, form: ListForm | null): Json {
  const errors = new Map(act.failed);
  const ok =
    errors.size === 0 ? act.results : act.results.filter((_, position) => !errors.has(position));
  if (form !== null && ok.length >= longFrom) noteForm(ok, form);
  if (act.allowed === null) return ok;
  const failed = [...errors.entries()]
    .sort(([left], [right]) => left - right)
    .map(([index, error]): Json => ({
      key: act.keys?.[index] ?? String(index),
      item: act.items[index] ?? null,
      index,
      error: errorJson(error),
    }));
  return { ok, failed };
}
