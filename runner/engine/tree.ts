/** How nodes end and are interrupted: the rules that hold for all kinds of nodes. */

import { assert } from "../../base/assert.ts";
import type { ErrorValue, TimerKind } from "../../plan/history.ts";
import { settleBudget } from "./budget.ts";
import type { Ending, Interrupt, LeafNode, Node, ParentNode, Timer } from "./nodes.ts";
import type { RunState } from "./run-state.ts";

const cancel: Interrupt = { kind: "cancel" };

/** A node without children has no set of them. */
export function addChild(parent: ParentNode, child: Node): void {
  (parent.children ??= new Set()).add(child);
}

/** Takes a node out of the tree and tells its parent. What it could undo becomes its parent's to undo. */
export function end(run: RunState, node: Node, ending: Ending): void {
  assert(
    !node.ended && node.children === null,
    () => `${node.kind} ${node.path} ends twice or with children`,
  );
  node.ended = true;
  callOffTimers(run, node);
  if (node.kind === "flow" && node.limitKey !== null) run.logic.released(run, node.limitKey);
  if (node.kind === "flow" && node.slotPath !== null)
    run.effects.push({ kind: "leave-slot", path: node.slotPath });
  const { parent } = node;
  if (parent === null) {
    run.result = ending;
    return;
  }
  removeChild(parent, node);
  if (node.undo !== null && node.undo.length > 0) (parent.undo ??= []).push(node.undo);
  if (parent.interrupt === null) {
    run.logic.childEnded(run, { parent, child: node, ending });
    return;
  }
  if (ending.kind === "ok")
    run.logic.lateSuccess(run, { parent, child: node, value: ending.value });
  if (!parent.sweeping && parent.children === null) settle(run, parent);
}

/** Most have a single one, and a set that becomes empty is cleaned up at more cost than it is worth. */
function removeChild(parent: ParentNode, child: Node): void {
  const { children } = parent;
  if (children?.size === 1 && children.has(child)) parent.children = null;
  else children?.delete(child);
}

/**
 * Closes a node: its children are interrupted, and when the last of them has ended the node goes on from `why`.
 * A cancellation overrides a failure; a failure of a node that is being closed changes nothing.
 */
export function interrupt(run: RunState, node: Node, why: Interrupt): void {
  if (node.ended) return;
  if (node.kind === "undo") return;
  if (node.kind === "leaf") {
    interruptLeaf(run, node);
    return;
  }
  if (node.interrupt !== null) {
    if (why.kind === "cancel" || isBudget(why)) node.interrupt = why;
    return;
  }
  node.interrupt = why;
  callOffTimers(run, node, why.kind === "fail" ? "budget" : null);
  if (node.children !== null) {
    node.sweeping = true;
    for (const child of [...node.children]) interrupt(run, child, cancel);
    node.sweeping = false;
  }
  if (node.children === null) settle(run, node);
}

export function fail(run: RunState, node: ParentNode, error: ErrorValue): void {
  interrupt(run, node, { kind: "fail", error });
}

function isBudget(why: Interrupt): boolean {
  return why.kind === "fail" && why.error.code === "budget_exceeded";
}

function settle(run: RunState, node: ParentNode): void {
  const why = node.interrupt;
  assert(why !== null, () => `${node.path} settles without a reason`);
  node.interrupt = null;
  run.logic.settled(run, node, why);
}

/** What a process is doing is aborted and its outcome awaited, because it may have acted; what waits ends at once. */
function interruptLeaf(run: RunState, leaf: LeafNode): void {
  if (leaf.state === "aborting") return;
  if (leaf.state === "ready") {
    endLeaf(run, leaf, { kind: "cancelled" });
    return;
  }
  if (leaf.activity === "person" || leaf.activity === "receive") {
    run.effects.push({ kind: "withdraw", path: leaf.path });
    endLeaf(run, leaf, { kind: "cancelled" });
    return;
  }
  if (leaf.activity === "slot") {
    endLeaf(run, leaf, { kind: "cancelled" });
    return;
  }
  leaf.state = "aborting";
  run.observer?.leafChanged(leaf, run);
  run.effects.push({ kind: "abort", path: leaf.path, attempt: leaf.attempt });
}

export function endLeaf(
  run: RunState,
  leaf: LeafNode,
  ending: Ending,
  spent = { cost: 0, tokens: 0 },
): void {
  run.leaves.delete(leaf.path);
  run.readyLeaves.delete(leaf);
  if (leaf.reserved !== null || spent.cost > 0 || spent.tokens > 0) {
    settleBudget(leaf, leaf.reserved ?? { cost: 0, tokens: 0 }, spent);
  }
  run.observer?.leafChanged(leaf, run);
  end(run, leaf, ending);
}

export function setTimer(
  run: RunState,
  node: Node,
  timer: { readonly kind: TimerKind; readonly path: string; readonly dueMs: number },
): void {
  run.timerOrder += 1;
  const set: Timer = { ...timer, node, order: run.timerOrder, off: false };
  run.timers.set(set);
  (node.timers ??= []).push(set);
}

/** All timers of a node, or all but those of one kind. */
export function callOffTimers(run: RunState, node: Node, keep: TimerKind | null = null): void {
  if (node.timers === null) return;
  for (const timer of node.timers) if (timer.kind !== keep && !timer.off) run.timers.callOff(timer);
  node.timers =
    keep === null ? null : node.timers.filter((timer) => timer.kind === keep && !timer.off);
}
