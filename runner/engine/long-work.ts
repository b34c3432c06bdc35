/** Work on long lists, which an event leaves behind to be done in steps before the next one. */

import { ValueRefused } from "../../plan/evaluate/names.ts";
import { isList, isRecord } from "../../plan/evaluate/json-record.ts";
import type { Json } from "../../plan/expression.ts";
import { longFrom } from "../../plan/known-lists.ts";
import { stepError } from "./failure.ts";
import type { FlowNode, TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { fail } from "./tree.ts";

/**
 * Leaves long work for later: it is done when everything else has followed from the event, whoever applies it
 * and whether in steps or not, so that all folds of a history agree.
 */
export function doLater(
  run: RunState,
  node: TaskNode | FlowNode,
  work: () => Generator<void, void>,
): void {
  run.longWork.push(guardedSteps(run, node, { isAsBefore: placeOf(node), work }));
}

function* guardedSteps(
  run: RunState,
  node: TaskNode | FlowNode,
  { isAsBefore, work }: { isAsBefore: () => boolean; work: () => Generator<void, void> },
): Generator<void, void> {
  try {
    // What else followed from the event may have ended it.
    if (isAsBefore()) yield* work();
  } catch (error) {
    if (!(error instanceof ValueRefused)) throw error;
    fail(run, node, stepError(node, "invalid_input", error.message));
  }
}

function placeOf(node: TaskNode | FlowNode): () => boolean {
  const { phase } = node;
  const attempt = node.kind === "task" ? node.attempt : 0;
  return () =>
    !node.ended &&
    node.interrupt === null &&
    node.phase === phase &&
    (node.kind !== "task" || node.attempt === attempt);
}

/** Whether there is a long list in it, or in one of its fields. */
export function isLong(value: Json): boolean {
  if (isList(value)) return value.length >= longFrom;
  if (!isRecord(value)) return false;
  for (const name in value) {
    const field = value[name];
    if (isList(field) && field.length >= longFrom) return true;
  }
  return false;
}
