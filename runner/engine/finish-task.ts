/** How a step goes on after its action: value, failure, another try, `fallback`. */

import { decodeSteps, decodeValue, type Decoded } from "../../plan/decode-value.ts";
import type { Names } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { ErrorValue } from "../../plan/history.ts";
import type { Resolved } from "./act-state.ts";
import { rememberUndo, startCompensation } from "./compensation.ts";
import { errorJson, stepError } from "./failure.ts";
import type { Interrupt, TaskNode } from "./nodes.ts";
import { nextTryMs } from "./retry.ts";
import type { RunState } from "./run-state.ts";
import { openScope } from "./scopes.ts";
import { callOffTimers, end, fail, setTimer } from "./tree.ts";

/** What the expressions of a step see; a compensation also sees the value of the step it undoes. */
export function namesOfTask(task: TaskNode): Names {
  const { scope, undoes } = task;
  if (undoes === null) return scope;
  return {
    lookup: (name) => (name === undoes.code.name ? undoes.value : scope.lookup(name)),
    config: (name) => scope.config(name),
  };
}

export function finishTask(run: RunState, task: TaskNode, value: Json): void {
  const checked = checkValue(run, task, value);
  if (!checked.ok) {
    fail(run, task, stepError(task, "invalid_output", checked.message));
    return;
  }
  // A value that the fallback gave is not the call's: there is nothing to undo.
  if (task.phase !== "fallback") rememberUndo(run, task, checked.value);
  endTask(run, task, checked.value);
}

export function endTask(run: RunState, task: TaskNode, value: Json): void {
  const ending = { kind: "ok", value } as const;
  run.observer?.stepEnded(task, ending, run);
  end(run, task, ending);
}

/** What a call has given under another plan or in another run, as a value of this step. */
export function formerValue(run: RunState, task: TaskNode, value: Json): Checked {
  const { action } = task.code;
  if (action.kind !== "call") return { ok: true, value };
  const { act } = task;
  const callee = act?.kind === "call" || act?.kind === "agent" ? act.callee : null;
  const returns = action.plan.returns ?? returnsOf(run, callee);
  const given =
    returns === undefined ? ({ ok: true, value } as const) : decoded(run, returns, value, "drop");
  return given.ok ? checkValue(run, task, given.value) : given;
}

export type Checked =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string };

/** What a call gives is already checked against what its callee returns; an annotation may be narrower. */
function checkValue(run: RunState, task: TaskNode, value: Json): Checked {
  const { action, schema } = task.code;
  if (action.kind !== "call" || schema === null) return { ok: true, value };
  const known =
    action.plan.returns ??
    (task.act?.kind === "call" || task.act?.kind === "agent"
      ? returnsOf(run, task.act.callee)
      : undefined);
  return known === schema ? { ok: true, value } : decoded(run, schema, value);
}

export function decoded(
  run: RunState,
  schema: string,
  value: Json,
  extraFields: "drop" | "refuse" = "refuse",
): Checked {
  return toChecked(decodeValue(run.schemas, schema, value, { extraFields }));
}

export function* decodedSteps(
  run: RunState,
  schema: string,
  value: Json,
  extraFields: "drop" | "refuse" = "refuse",
): Generator<void, Checked> {
  return toChecked(yield* decodeSteps(run.schemas, schema, value, { extraFields }));
}

function toChecked(result: Decoded): Checked {
  if (result.ok) return result;
  return {
    ok: false,
    message: result.problems
      .map(({ path, message }) => `${path === "" ? "value" : path} ${message}`)
      .join("; "),
  };
}

export function returnsOf(run: RunState, callee: Resolved | null): string | undefined {
  if (callee === null) return undefined;
  const { agents, tools, flows } = run.program.program;
  return { agent: agents, tool: tools, flow: flows }[callee.kind][callee.name]?.returns;
}

export function unload(run: RunState, task: TaskNode): void {
  const { act } = task;
  if (
    act === null ||
    (act.kind !== "call" && act.kind !== "agent") ||
    !act.loaded ||
    act.callee === null
  )
    return;
  act.loaded = false;
  const { name } = act.callee;
  run.load.set(name, (run.load.get(name) ?? 1) - 1);
}

/** Nothing of the step is going on any more. */
export function taskSettled(run: RunState, task: TaskNode, why: Interrupt): void {
  unload(run, task);
  if (why.kind !== "fail") {
    run.observer?.stepEnded(task, { kind: "cancelled" }, run);
    end(run, task, { kind: "cancelled" });
    return;
  }
  const { error } = why;
  noteHealth(run, task, error.code);
  if (task.phase === "fallback") {
    failTask(run, task, error);
    return;
  }
  task.error = error;
  task.retryMs = nextTryMs(run, task, error);
  if (task.retryMs === null && task.code.fallback === null) {
    failTask(run, task, error);
    return;
  }
  task.phase = "undoing";
  const tree = task.undo;
  task.undo = null;
  if (!startCompensation(run, task, tree)) goOnAfterFailure(run, task);
}

function failTask(run: RunState, task: TaskNode, error: ErrorValue): void {
  const ending = { kind: "failed", error } as const;
  run.observer?.stepEnded(task, ending, run);
  end(run, task, ending);
}

/** What had been finished in the failed try has been undone. */
export function goOnAfterFailure(run: RunState, task: TaskNode): void {
  const { error, retryMs } = task;
  if (error === null) return;
  if (retryMs !== null) {
    task.phase = "backoff";
    const dueMs = run.nowMs + retryMs;
    run.observer?.stepRetries(task, dueMs, run);
    setTimer(run, task, { kind: "backoff", path: task.path, dueMs });
    return;
  }
  const { fallback } = task.code;
  if (fallback === null) return;
  task.phase = "fallback";
  task.budget = null;
  callOffTimers(run, task);
  openScope(run, {
    parent: task,
    code: fallback,
    outer: task.scope,
    path: `${task.path}!fallback`,
    values: [["error", errorJson(error)]],
  });
}

function noteHealth(run: RunState, task: TaskNode, code: string): void {
  const { act } = task;
  if (act === null || (act.kind !== "call" && act.kind !== "agent") || act.callee === null) return;
  if (code === "unavailable" || code === "circuit_open") run.ailing.add(act.callee.name);
}
