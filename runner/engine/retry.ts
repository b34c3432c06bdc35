/** Whether and when a failed call is tried again. */

import { numberOf } from "../../plan/evaluate/arithmetic.ts";
import type { Names } from "../../plan/evaluate/names.ts";
import { namesOf } from "../../plan/evaluate/names.ts";
import type { ErrorValue } from "../../plan/history.ts";
import type { RetryCode } from "./code.ts";
import type { TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";

/**
 * Pause before the next try, null when there is none. The callee's own policy is used up first; then the call's begins it
 * anew.
 */
export function nextTryMs(run: RunState, task: TaskNode, error: ErrorValue): number | null {
  const { act } = task;
  const { action } = task.code;
  if (action.kind !== "call" || act === null || (act.kind !== "call" && act.kind !== "agent"))
    return null;
  const { callee } = act;
  const inner =
    callee === null || callee.kind === "flow"
      ? null
      : ((callee.kind === "agent" ? run.program.agents : run.program.tools).get(callee.name)
          ?.retry ?? null);
  const innerNames = namesOf(act.args, run.config);
  const seed = `${run.created?.run ?? ""} ${task.path} ${task.attempt}`;
  if (inner !== null && mayTry(inner, innerNames, { code: error.code, tries: act.innerTries })) {
    return Math.max(backoffMs(inner, innerNames, { nth: act.innerTries, seed }), act.retryAfterMs);
  }
  if (
    action.retry === null ||
    !mayTry(action.retry, task.scope, { code: error.code, tries: act.outerTries })
  )
    return null;
  const pause = backoffMs(action.retry, task.scope, { nth: act.outerTries, seed });
  act.innerTries = 0;
  act.outerTries += 1;
  return Math.max(pause, act.retryAfterMs);
}

export function mayTry(
  retry: RetryCode,
  names: Names,
  { code, tries }: { readonly code: string; readonly tries: number },
): boolean {
  return retry.retryOn.has(code) && tries < numberOf(retry.attempts(names));
}

/**
 * Exponential with full jitter up to a cap; fixed if both ends are equal. `nth` is the number of tries so far. The jitter comes
 * from the seed, so folding the history again gives the same pause.
 */
export function backoffMs(
  retry: RetryCode,
  names: Names,
  { nth, seed }: { readonly nth: number; readonly seed: string },
): number {
  const from = numberOf(retry.fromMs(names));
  const to = numberOf(retry.toMs(names));
  if (from >= to) return from;
  return Math.round(Math.min(to, from * 2 ** (nth - 1)) * unitOf(seed));
}

/** FNV-1a with a final mix, as a number from 0 up to but not including 1. */
function unitOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
