import type { ActivityKind } from "../../plan/history.ts";
import { isBudgeted, reserve } from "./budget.ts";
import type { Amount } from "./budget.ts";
import { stepError } from "./failure.ts";
import { LeafNode } from "./nodes.ts";
import type { FlowNode, TaskNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { addChild, fail } from "./tree.ts";
import { assert } from "../../base/assert.ts";

export interface NewLeaf {
  readonly activity: ActivityKind;
  readonly callee: string;
  readonly path: string;
  readonly attempt: number;
  /** Set aside in every budget around it; an activity that does not fit is not made. */
  readonly reserves?: Amount;
}

/** Adds an activity that the worker may begin. */
export function addLeaf(
  run: RunState,
  owner: TaskNode | FlowNode,
  given: NewLeaf,
): LeafNode | null {
  assert(!run.leaves.has(given.path), () => `two activities at ${given.path}`);
  const leaf = new LeafNode({
    activity: given.activity,
    callee: given.callee,
    attempt: given.attempt,
    path: given.path,
    owner,
  });
  if (given.reserves !== undefined && !reserveFor(run, leaf, given.reserves)) return null;
  addChild(owner, leaf);
  run.leaves.set(leaf.path, leaf);
  run.readyLeaves.add(leaf);
  run.readyAdded += 1;
  run.observer?.leafChanged(leaf, run);
  return leaf;
}

function reserveFor(run: RunState, leaf: LeafNode, amount: Amount): boolean {
  if (!isBudgeted(leaf)) return true;
  const exceeded = reserve(leaf, amount);
  if (exceeded === null) {
    leaf.reserved = amount;
    return true;
  }
  fail(
    run,
    exceeded,
    stepError(
      exceeded,
      "budget_exceeded",
      `${leaf.path} needs ${words(amount)} more than what is left of the budget of ${exceeded.path} allows`,
    ),
  );
  return false;
}

function words(amount: Amount): string {
  return `up to $${(amount.cost / 1_000_000).toFixed(4)} and ${amount.tokens} tokens,`;
}
