/** What a call leaves behind when it has succeeded, besides its value. */

import { equalityKey } from "../../plan/evaluate/equality.ts";
import { namesOf, tryEvaluate } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { CachePlan } from "../../plan/plan.ts";
import type { Args, Resolved } from "./act-state.ts";
import type { CallCode } from "./code.ts";
import { deedOf } from "./deed.ts";
import { endTask, finishTask, formerValue, unload } from "./finish-task.ts";
import { keyPathOf } from "./idempotency.ts";
import { stepError } from "./failure.ts";
import type { FlowNode, Node, TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { fail } from "./tree.ts";

/** The try has its value: it is kept in the cache and becomes the step's. */
export function succeed(run: RunState, task: TaskNode, value: Json): void {
  unload(run, task);
  const { act, code } = task;
  if (
    act !== null &&
    (act.kind === "call" || act.kind === "agent") &&
    act.callee !== null &&
    code.action.kind === "call"
  ) {
    run.ailing.delete(act.callee.name);
    const cache = act.cacheKey === null ? null : cachePlan(run, code.action, act.callee);
    if (cache !== null && act.cacheKey !== null)
      run.effects.push({ kind: "remember", key: act.cacheKey, value, ttlMs: cache.ttlMs });
    appendMemory(run, task, { code: code.action, callee: act.callee, args: act.args, value });
  }
  finishTask(run, task, value);
}

/**
 * Finishes a call that a former try of the run has finished, or the run that this one was made of; false when there was
 * none. When one item is done again, what is now given something else is a new deed, under a key of its own.
 */
export function finishedBefore(run: RunState, task: TaskNode, args: Args): boolean {
  if (run.kept.size > 0 && finishFromKept(run, task, args)) return true;
  const value = run.memo.get(task.path);
  if (value === undefined) return false;
  if (run.redo?.redo?.kind === "item" && run.memoArgs.get(task.path) !== equalityKey(args)) {
    const keyPath = keyPathOf(run, task);
    run.undone.set(keyPath, (run.undone.get(keyPath) ?? 0) + 1);
    return false;
  }
  const former = formerValue(run, task, value);
  if (former.ok) {
    sayAgain(run, task, former.value);
    finishTask(run, task, former.value);
  } else {
    const message = `what it gave before does not fit its type any more: ${former.message}`;
    fail(run, task, stepError(task, "invalid_output", message));
  }
  return true;
}

/** The other run answers for what it did, so nothing of it is undone here. What does not fit any more is done again. */
function finishFromKept(run: RunState, task: TaskNode, args: Args): boolean {
  const kept = run.kept.get(task.path);
  if (kept === undefined || task.undoes !== null || kept.deed !== deedOf(run, task, args))
    return false;
  const former = formerValue(run, task, kept.value);
  if (!former.ok) return false;
  sayAgain(run, task, former.value);
  endTask(run, task, former.value);
  return true;
}

function sayAgain(run: RunState, task: TaskNode, value: Json): void {
  const { act, code } = task;
  if (act?.kind === "call" && act.callee !== null && code.action.kind === "call")
    appendMemory(run, task, { code: code.action, callee: act.callee, args: act.args, value });
}

export function cachePlan(run: RunState, code: CallCode, callee: Resolved): CachePlan | null {
  if (callee.kind === "flow") return null;
  const { agents, tools } = run.program.program;
  return code.plan.cache ?? (callee.kind === "agent" ? agents : tools)[callee.name]?.cache ?? null;
}

interface Said {
  readonly code: CallCode;
  readonly callee: Resolved;
  readonly args: Args;
  readonly value: Json;
}

/** What was said is added to the state when the run succeeds; until then the state keeps the value it had. */
function appendMemory(run: RunState, task: TaskNode, { code, callee, args, value }: Said): void {
  const { memory } = code.plan;
  if (memory === undefined || callee.kind !== "agent") return;
  const agent = run.program.agents.get(callee.name);
  const flow = flowOf(task);
  if (agent === undefined || flow === null) return;
  const prompt = tryEvaluate(agent.prompt, namesOf(args, run.config));
  const time = new Date(run.nowMs).toISOString();
  const list = (flow.appended[memory] ??= []);
  list.push(
    { role: "user", text: prompt.ok ? String(prompt.value) : "", time },
    { role: "assistant", text: typeof value === "string" ? value : JSON.stringify(value), time },
  );
}

export function flowOf(node: Node): FlowNode | null {
  for (let at: Node | null = node; at !== null; at = at.parent) if (at.kind === "flow") return at;
  return null;
}
