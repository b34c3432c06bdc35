/** People who have not answered are reminded, again and again until they do or nobody waits for them any more. */

import { currentModel } from "./agents.ts";
import type { LeafNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { setTimer } from "./tree.ts";

/** The question has been put: the first reminder comes after the `remind` of the person's model. */
export function setReminder(run: RunState, leaf: LeafNode): void {
  const { owner, path } = leaf;
  if (owner.kind !== "task" || owner.act?.kind !== "agent") return;
  const everyMs = currentModel(run, owner, owner.act).plan.remindMs ?? 0;
  if (everyMs > 0) setTimer(run, leaf, { kind: "remind", path, dueMs: run.nowMs + everyMs });
}

export function remind(run: RunState, leaf: LeafNode): void {
  // A paused run wants nothing of anybody.
  if (run.phase !== "paused") {
    run.effects.push({ kind: "remind", path: leaf.path });
    run.observer?.reminded?.(leaf, run);
  }
  setReminder(run, leaf);
}
