import type { RunEvent } from "../../plan/history.ts";
import type { EngineProgram } from "../../runner/engine/code.ts";
import { foldRun } from "../../runner/engine/fold.ts";
import type { Observer } from "../../runner/engine/run-state.ts";

/** Steps with `undo` that a run has finished, and those it has undone, each as often as it was. */
export function undoLedger(
  events: readonly RunEvent[],
  program: EngineProgram,
): { readonly finished: readonly string[]; readonly undone: readonly string[] } {
  const finished: string[] = [];
  const undone: string[] = [];
  const watch: Observer = {
    stepBegan: () => undefined,
    stepEnded: (node, ending) => {
      if (ending.kind === "ok" && node.code.undo !== null) finished.push(node.path);
    },
    stepRetries: () => undefined,
    stepUndone: (path, ok) => {
      if (ok) undone.push(path);
    },
    leafChanged: () => undefined,
  };
  foldRun(events, () => program, watch);
  return { finished: finished.toSorted(), undone: undone.toSorted() };
}
