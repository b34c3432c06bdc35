/** Retries that begin with compensations that were parked. */

import type { StateReading } from "../../plan/history.ts";
import { compensate } from "./compensation.ts";
import { beginRoot, guardedFlow } from "./flows.ts";
import type { FlowNode } from "./nodes.ts";
import type { RunState } from "./run-state.ts";
import { end } from "./tree.ts";

/** Undoes what the retry names, before the flow begins anew; false when it names nothing. */
export function redoCompensations(
  run: RunState,
  flow: FlowNode,
  states: readonly StateReading[],
): boolean {
  const entries = run.redo?.undo ?? [];
  if (run.redo?.redo?.kind !== "undo" && entries.length === 0) return false;
  flow.phase = "redoing";
  flow.readings = states;
  if (!compensate(run, flow, entries)) goOnAfterRedo(run, flow);
  return true;
}

/** What could not be taken back is not done a second time: then the run ends as it did before. */
export function goOnAfterRedo(run: RunState, flow: FlowNode): void {
  const { redo } = run;
  const failedAgain = redo?.undo.some(({ path }) => run.parked.has(`${path}!undo`)) ?? false;
  if (redo?.redo?.kind !== "undo" && !failedAgain) {
    guardedFlow(run, () => beginRoot(run, flow, flow.readings));
    return;
  }
  run.endsAsBefore = true;
  end(run, flow, { kind: "cancelled" });
}
