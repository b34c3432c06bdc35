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
  // A call that was to be stopped may have succeeded all the same.
  const succeeded = new Set(
    events.flatMap((event) => (event.kind === "activity.succeeded" ? [event.path] : [])),
  );
  const watch: Observer = {
    stepBegan: () => undefined,
    stepEnded: (node, ending) => {
      if (
        node.code.undo !== null &&
        ((ending.kind === "ok" && node.phase !== "fallback") || succeeded.has(node.path))
      )
        finished.push(node.path);
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
