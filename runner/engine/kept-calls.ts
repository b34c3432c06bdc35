/** Calls that a fork takes over from the run that it was made of. */

import type { KeptCall, RunEvent } from "../../plan/history.ts";
import type { Args } from "./act-state.ts";
import { deedOf, isCall } from "./deed.ts";
import { foldRun } from "./fold.ts";
import type { ProgramOf } from "./fold.ts";
import type { Ending, TaskNode } from "./nodes.ts";
import type { Observer, RunState } from "./run-state.ts";

export interface KeptCalls {
  readonly calls: { readonly [path: string]: KeptCall };
  /** Number of the last event that they come from. */
  readonly seq: number;
}

/**
 * What the calls of a history gave that were finished when the step at `after` was, or at the end of the history if there is
 * none. What the run has undone since is not among them. Null when no step at that path has finished.
 */
export function keptCalls(
  events: readonly RunEvent[],
  programOf: ProgramOf,
  after: string | null,
): KeptCalls | null {
  const collector = new Collector(after);
  const { seq } = foldRun(events, programOf, collector);
  if (after === null) return { calls: Object.fromEntries(collector.calls), seq };
  const { chosen } = collector;
  return chosen === null ? null : { calls: Object.fromEntries(chosen.calls), seq: chosen.seq };
}

class Collector implements Observer {
  readonly calls = new Map<string, KeptCall>();
  chosen: { readonly calls: Map<string, KeptCall>; readonly seq: number } | null = null;
  private readonly after: string | null;

  constructor(after: string | null) {
    this.after = after;
  }

  stepBegan = (): void => {};
  stepRetries = (): void => {};
  leafChanged = (): void => {};

  stepEnded = (node: TaskNode, ending: Ending, run: RunState): void => {
    if (ending.kind !== "ok") return;
    if (isCall(node))
      this.calls.set(node.path, { value: ending.value, deed: deedOf(run, node, argsOf(node)) });
    if (node.path === this.after && node.undoes === null)
      this.chosen ??= { calls: new Map(this.calls), seq: run.seq };
  };

  stepUndone = (path: string): void => {
    this.calls.delete(path);
    this.chosen?.calls.delete(path);
    if (path === this.after) this.chosen = null;
  };
}

function argsOf({ act }: TaskNode): Args {
  return act?.kind === "call" || act?.kind === "agent" ? act.args : {};
}
