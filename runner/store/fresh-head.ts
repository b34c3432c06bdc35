import type { NewRun } from "../ports/new-run.ts";
import type { RunHead } from "../ports/store.ts";

/** What is kept beside the history of a run that nobody has claimed yet. */
export function freshHead(run: NewRun): RunHead {
  return {
    run: run.run,
    flow: run.flow,
    planHash: run.planHash,
    status: "queued",
    priority: run.priority,
    createdAtMs: run.events[0]?.atMs ?? 0,
    endedAtMs: null,
    seq: run.events.at(-1)?.seq ?? 0,
    epoch: 0,
    owner: null,
    wakeAtMs: run.wakeAtMs,
    waitsFor: null,
    error: null,
    cost: 0,
    tokensIn: 0,
    tokensOut: 0,
  };
}
