/** Idempotency keys: run and step path, the same on every attempt and restart. */

import { tryEvaluate } from "../../plan/evaluate/names.ts";
import type { LeafNode, Node } from "./nodes.ts";
import type { RunState } from "./run-state.ts";

/**
 * Path of a node without the numbers of tries (`~2`): a call that is tried again repeats its steps under the same keys, so a
 * tool that drops repeats answers with what it did the first time.
 */
export function keyPathOf(run: RunState, node: Node): string {
  const { parent } = node;
  if (!run.generations || parent === null) return node.path;
  if (node.kind === "task" && node.undoes !== null) return `${node.undoes.keyPath}!undo`;
  const above = keyPathOf(run, parent);
  if (node.kind === "task" && node.keyName !== null) return `${above}.${node.keyName}`;
  return node.path.startsWith(parent.path)
    ? above + withoutGeneration(node, node.path.slice(parent.path.length))
    : node.path;
}

/** A flow that was called again stands at `step~2`; nothing else begins with that number. */
function withoutGeneration(node: Node, rest: string): string {
  return node.kind === "flow" ? rest.replace(/^~\d+/, "") : rest;
}

export function idempotencyKey(run: RunState, leaf: LeafNode): string {
  const path = keyPathOf(run, leaf);
  const chosen = chosenKey(run, leaf);
  const key =
    chosen === null ? `${run.created?.run ?? ""}:${path}` : chosen.text + path.slice(chosen.length);
  const again = timesUndone(run, leaf);
  return again === 0 ? key : `${key}~${again + 1}`;
}

/** `idempotencyKey` on the call, or on the call of a flow around it, stands for run and path up to there. */
function chosenKey(
  run: RunState,
  leaf: LeafNode,
): { readonly text: string; readonly length: number } | null {
  for (let at: Node | null = leaf.parent; at !== null; at = at.parent) {
    if (at.kind !== "task" || at.code.action.kind !== "call") continue;
    const { idempotencyKey: chosen } = at.code.action;
    if (chosen === null) continue;
    const evaluated = tryEvaluate(chosen, at.scope);
    if (evaluated.ok && typeof evaluated.value === "string")
      return { text: evaluated.value, length: keyPathOf(run, at).length };
  }
  return null;
}

/** A step that was undone and is done again is a new deed: the old key would only give back what was taken back. */
function timesUndone(run: RunState, leaf: LeafNode): number {
  if (run.undone.size === 0) return 0;
  for (let at: Node | null = leaf.parent; at !== null; at = at.parent) {
    if (at.kind === "scope" && at.item >= 0) {
      const anew = run.undone.get(at.path);
      if (anew !== undefined) return anew;
    }
    if (at.kind !== "task") continue;
    if (at.undoes !== null) return at.undoes.round;
    const times = run.undone.get(keyPathOf(run, at));
    if (times !== undefined) return times;
  }
  return 0;
}
