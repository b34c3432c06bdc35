import type { ErrorValue } from "../plan/history.ts";
import { decodeWaits } from "../plan/wait.ts";
import type { RunError, RunSummary } from "./api.ts";
import type { RunHead } from "./ports/store.ts";
import type { EndedRun } from "./worker/ended-run.ts";

export function toSummary(head: RunHead | EndedRun): RunSummary {
  const { words, waits } = decodeWaits(head.waitsFor);
  return {
    id: head.run,
    flow: head.flow,
    planHash: head.planHash,
    status: head.status,
    startedAtMs: head.createdAtMs,
    endedAtMs: head.endedAtMs,
    waitsFor: words,
    waits,
    wakesAtMs: head.endedAtMs === null ? head.wakeAtMs : null,
    error: toRunError(head.error),
    cost: head.cost,
    tokensIn: head.tokensIn,
    tokensOut: head.tokensOut,
  };
}

export function toRunError(error: ErrorValue | null): RunError | null {
  if (error === null) return null;
  const { code, message, step, attempts } = error;
  return { code, message, step: step === "" ? null : step, attempts };
}
