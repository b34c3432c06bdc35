/** Steps: from the moment all they mention is done to their value. */

import { assert } from "../../base/assert.ts";
import { numberOf } from "../../plan/evaluate/arithmetic.ts";
import { equal } from "../../plan/evaluate/equality.ts";
import { ValueRefused } from "../../plan/evaluate/names.ts";
import { continueConversation, request, requestDone, requestFailed } from "./agents.ts";
import { toolCallEnded } from "./agent-tools.ts";
import { budgetLimits, newBudget } from "./budget.ts";
import { callLeafDone, goOnWithCall, startCall, startTry } from "./calls.ts";
import type { ChoiceCode } from "./code.ts";
import { stepError } from "./failure.ts";
import { finishTask, goOnAfterFailure } from "./finish-task.ts";
import { succeed } from "./finish-call.ts";
import { itemEnded, pumpFor, startFor } from "./for-items.ts";
import type { Ending, LeafNode, Node, ScopeNode, TaskNode, Timer } from "./nodes.ts";
import { nextRound, roundDone, startRepeat } from "./rounds.ts";
import type { RunState } from "./run-state.ts";
import { openScope } from "./scopes.ts";
import { fail, setTimer } from "./tree.ts";

/** A value that does not have its form fails the step that reads it. */
export function guarded(run: RunState, task: TaskNode, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ValueRefused)) throw error;
    fail(run, task, stepError(task, "invalid_input", error.message));
  }
}

export function beginTask(run: RunState, task: TaskNode): void {
  guarded(run, task, () => {
    if (task.phase === "pending") startTask(run, task);
    else if (task.phase === "action") goOn(run, task);
  });
}

function startTask(run: RunState, task: TaskNode): void {
  const { action } = task.code;
  task.phase = "action";
  run.observer?.stepBegan(task, run);
  switch (action.kind) {
    case "call":
      startCall(run, task, action);
      return;
    case "value":
      finishTask(run, task, action.value(task.scope));
      return;
    case "choice":
      choose(run, task, action);
      return;
    case "for":
      setLimits(run, task);
      startFor(run, task, action);
      return;
    case "repeat":
      setLimits(run, task);
      startRepeat(run, task, action);
      return;
    case "race":
      setLimits(run, task);
      openScope(run, {
        parent: task,
        code: action.body,
        outer: task.scope,
        path: task.path,
        race: true,
      });
  }
}

/** A `for` has a free place, or a `repeat` its next round. */
function goOn(run: RunState, task: TaskNode): void {
  const { action } = task.code;
  if (action.kind === "for") pumpFor(run, task, action);
  else if (action.kind === "repeat") nextRound(run, task, action);
  else if (action.kind === "call") goOnWithCall(run, task);
}

function choose(run: RunState, task: TaskNode, code: ChoiceCode): void {
  const subject = code.subject(task.scope);
  const arm = code.arms.find((candidate) =>
    candidate.values.some((value) => equal(value, subject)),
  );
  const block = arm?.block ?? code.otherwise;
  if (block === null) finishTask(run, task, null);
  else openScope(run, { parent: task, code: block, outer: task.scope, path: task.path });
}

/** Time-out and budget of a block. */
function setLimits(run: RunState, task: TaskNode): void {
  const { timeoutMs, budget } = task.code;
  if (timeoutMs !== null)
    setTimer(run, task, {
      kind: "timeout",
      path: task.path,
      dueMs: run.nowMs + numberOf(timeoutMs(task.scope)),
    });
  if (budget === null) return;
  const limits = budgetLimits(budget, task.scope);
  task.budget = newBudget(limits);
  if (limits.timeMs !== null)
    setTimer(run, task, { kind: "budget", path: task.path, dueMs: run.nowMs + limits.timeMs });
}

export function taskChildEnded(
  run: RunState,
  task: TaskNode,
  at: { readonly child: Node; readonly ending: Ending },
): void {
  guarded(run, task, () => {
    const { child, ending } = at;
    if (child.kind === "undo") goOnAfterFailure(run, task);
    else if (child.kind === "task") innerCallEnded(run, task, { child, ending });
    else if (child.kind === "leaf") leafEnded(run, task, { leaf: child, ending });
    else if (child.kind === "scope") scopeEnded(run, task, { scope: child, ending });
    else if (ending.kind === "ok") succeed(run, task, ending.value);
    else if (ending.kind === "failed") fail(run, task, ending.error);
  });
}

function innerCallEnded(
  run: RunState,
  task: TaskNode,
  { child, ending }: { readonly child: TaskNode; readonly ending: Ending },
): void {
  if (toolCallEnded(run, task, { child, ending })) continueConversation(run, task);
}

function leafEnded(
  run: RunState,
  task: TaskNode,
  { leaf, ending }: { readonly leaf: LeafNode; readonly ending: Ending },
): void {
  if (ending.kind === "cancelled") return;
  if (ending.kind === "failed") {
    const retryAfterMs = run.retryAfterMs;
    if (leaf.activity === "model") {
      requestFailed(run, task, { leaf, error: ending.error, retryAfterMs });
      return;
    }
    if (leaf.activity === "cache") {
      callLeafDone(run, task, { leaf, value: { hit: false } });
      return;
    }
    if (task.act !== null && (task.act.kind === "call" || task.act.kind === "agent"))
      task.act.retryAfterMs = retryAfterMs;
    fail(run, task, ending.error);
    return;
  }
  if (leaf.activity === "model") requestDone(run, task, ending.value);
  else callLeafDone(run, task, { leaf, value: ending.value });
}

function scopeEnded(
  run: RunState,
  task: TaskNode,
  { scope, ending }: { readonly scope: ScopeNode; readonly ending: Ending },
): void {
  const { action } = task.code;
  if (action.kind === "for" && task.phase === "action") {
    itemEnded(run, task, { scope, ending });
    return;
  }
  if (ending.kind === "failed") fail(run, task, ending.error);
  else if (ending.kind === "ok" && action.kind === "repeat" && task.phase === "action")
    roundDone(run, task, { code: action, scope, value: ending.value });
  else if (ending.kind === "ok") finishTask(run, task, ending.value);
}

export function taskTimer(run: RunState, task: TaskNode, timer: Timer): void {
  guarded(run, task, () => {
    switch (timer.kind) {
      case "sleep":
        finishTask(run, task, null);
        return;
      case "backoff":
        if (task.act?.kind === "agent" && task.phase === "action") request(run, task, task.act);
        else startTry(run, task);
        return;
      case "timeout":
        fail(run, task, stepError(task, "timeout", `${task.path} took longer than allowed`));
        return;
      case "budget":
        fail(
          run,
          task,
          stepError(task, "budget_exceeded", `the time budget of ${task.path} is spent`),
        );
        return;
      case "pause":
      case "rate":
        goOn(run, task);
        return;
      case "remind":
        assert(false, "questions are reminded of, not steps");
    }
  });
}
