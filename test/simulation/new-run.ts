import type { RunEvent } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import type { NewRun } from "../../runner/ports/new-run.ts";

/** A run of the flow `main` without input, as somebody starts it by hand. */
export function newRunOf(plan: Plan, run: string, atMs: number): NewRun {
  const { hash: planHash } = plan;
  const created: RunEvent = {
    kind: "run.created",
    run,
    planHash,
    flow: "main",
    input: {},
    environment: "",
    config: {},
    trigger: null,
    continuation: 0,
    seq: 1,
    atMs,
  };
  return {
    run,
    planHash,
    flow: "main",
    idempotencyKey: null,
    priority: 5,
    wakeAtMs: null,
    events: [created],
  };
}
