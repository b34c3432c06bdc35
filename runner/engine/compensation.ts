/** `undo`: what was finished before a failure is taken back, in reverse order of completion. */

import { isRecord } from "../../plan/evaluate/json-record.ts";
import type { Ending, ParentNode, TaskNode, UndoEntry, UndoTree } from "./nodes.ts";
import { TaskNode as Task, UndoNode } from "./nodes.ts";
import { keyPathOf } from "./idempotency.ts";
import type { RunState } from "./run-state.ts";
import { addChild, end } from "./tree.ts";

/** Notes that a step is done and can be undone. */
export function rememberUndo(run: RunState, task: TaskNode, value: UndoEntry["value"]): void {
  if (task.code.undo === null || task.undoes !== null) return;
  const keyPath = keyPathOf(run, task);
  run.undoOrder += 1;
  const entry: UndoEntry = {
    order: run.undoOrder,
    code: task.code,
    scope: task.scope,
    path: task.path,
    value,
    keyPath,
    round: run.undone.get(keyPath) ?? 0,
  };
  (task.undo ??= []).push(entry);
}

/** Begins to undo as a child of `parent`; false if there is nothing to undo. */
export function startCompensation(
  run: RunState,
  parent: ParentNode,
  tree: UndoTree | null,
): boolean {
  if (tree === null) return false;
  const entries: UndoEntry[] = [];
  flatten(tree, entries);
  return compensate(run, parent, entries);
}

/** Undoes these steps, the last one done first, as a child of `parent`. */
export function compensate(
  run: RunState,
  parent: ParentNode,
  entries: readonly UndoEntry[],
): boolean {
  if (entries.length === 0) return false;
  const latestFirst = [...entries].sort((left, right) => right.order - left.order);
  const node = new UndoNode(latestFirst, parent);
  addChild(parent, node);
  undoNext(run, node);
  return true;
}

function flatten(tree: UndoTree, entries: UndoEntry[]): void {
  for (const part of tree) {
    if (Array.isArray(part)) flatten(part as UndoTree, entries);
    else entries.push(part as UndoEntry);
  }
}

function undoNext(run: RunState, node: UndoNode): void {
  const entry = node.entries[node.next];
  if (entry === undefined) {
    end(run, node, { kind: "ok", value: null });
    return;
  }
  node.next += 1;
  run.undone.set(entry.keyPath, entry.round + 1);
  const { undo } = entry.code;
  if (undo === null) return;
  const edited = editedArguments(run, `${entry.path}!undo`);
  const task = new Task({
    code: undo,
    scope: entry.scope,
    path: `${entry.path}!undo`,
    parent: node,
    undoes: entry,
    ...(edited === null ? {} : { args: edited }),
  });
  addChild(node, task);
  run.later(task);
}

/** Arguments that somebody has given for the repetition of a parked compensation. */
function editedArguments(run: RunState, path: string): TaskNode["given"] {
  const redo = run.redo?.redo;
  if (redo?.kind !== "undo" || redo.path !== path || !isRecord(redo.input ?? null)) return null;
  return redo.input as NonNullable<TaskNode["given"]>;
}

/** A compensation that fails is kept for a person; the others go on. */
export function undoChildEnded(
  run: RunState,
  node: UndoNode,
  { child, ending }: { readonly child: TaskNode; readonly ending: Ending },
): void {
  const entry = child.undoes;
  if (entry !== null) {
    run.observer?.stepUndone(entry.path, ending.kind === "ok", run);
    run.parked.delete(child.path);
    if (ending.kind === "failed") {
      run.parked.set(child.path, entry);
      const queue = run.root?.code.plan.deadLetter ?? run.root?.code.plan.name ?? "";
      run.effects.push({
        kind: "dead-letter",
        queue,
        path: child.path,
        input: child.act !== null && "args" in child.act ? child.act.args : {},
        errors: [ending.error],
      });
    }
  }
  undoNext(run, node);
}
