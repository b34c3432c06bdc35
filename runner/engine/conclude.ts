import type { ErrorValue, RunEnded } from "../../plan/history.ts";
import type { RunState } from "./run-state.ts";

/** The flow has ended: what is stored with the end of the run follows from it. */
export function conclude(run: RunState): void {
  if (run.result === null || run.concluded) return;
  run.concluded = true;
  if (run.root?.code.plan.cancelOn !== undefined) run.effects.push({ kind: "withdraw", path: "" });
  const { result, redo } = run;
  if (run.endsAsBefore) {
    // The retry of one compensation leaves the dead letter of the run alone; that of the whole run has closed it.
    const error = redo?.redo === null ? redo.former.error : null;
    if (redo?.former.status === "failed" && error !== null) keepRun(run, error);
    return;
  }
  if (result.kind === "ok") {
    if (run.cancelReason === null) succeed(run);
    return;
  }
  if (result.kind === "failed" && run.cancelReason === null) keepRun(run, result.error);
}

function keepRun(run: RunState, error: ErrorValue): void {
  const flow = run.root?.code.plan;
  run.effects.push({
    kind: "dead-letter",
    queue: flow?.deadLetter ?? flow?.name ?? run.created?.flow ?? "",
    path: null,
    input: run.created?.input ?? {},
    errors: [error],
  });
}

function succeed(run: RunState): void {
  // One item of a run that had succeeded was done again: its states are stored, and what continues it has started.
  if (run.redo?.redo?.kind === "item" && run.redo.former.status === "succeeded") return;
  for (const write of run.stateWrites) run.effects.push({ kind: "store-state", ...write });
  if (run.root?.fellBack === true) return;
  for (const continuation of run.continuations)
    run.effects.push({ kind: "continue", ...continuation });
}

export function endingOf(run: RunState): RunEnded | null {
  const { result, root } = run;
  if (result === null || run.phase === "ended") return null;
  if (run.endsAsBefore && run.redo !== null) return { kind: "run.ended", ...run.redo.former };
  const error = result.kind === "failed" ? result.error : (root?.error ?? null);
  const cancelled = run.cancelReason !== null && (result.kind !== "ok" || root?.fellBack === true);
  if (result.kind === "ok")
    return {
      kind: "run.ended",
      status: cancelled ? "cancelled" : "succeeded",
      output: result.value,
      error: cancelled ? error : null,
    };
  return { kind: "run.ended", status: cancelled ? "cancelled" : "failed", output: null, error };
}
