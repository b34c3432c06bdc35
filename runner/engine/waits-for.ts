import type { RunState } from "./run-state.ts";

/** Why nothing is going on, in words; null when a process has something to do. */
export function describeWait(run: RunState): string | null {
  if (run.phase === "ended") return null;
  if (run.phase === "paused") return "paused: waits for resume";
  if (run.phase === "created") return "waits for a free slot";
  if (run.readyLeaves.size > 0) return null;
  const reasons: string[] = [];
  for (const leaf of run.leaves.values()) {
    if (leaf.activity === "person") reasons.push(`an answer of ${leaf.callee} at ${leaf.path}`);
    else if (leaf.activity === "receive") reasons.push(`an event ${leaf.callee} at ${leaf.path}`);
    else return null;
    if (reasons.length === 3) break;
  }
  const timer = run.timers.earliest();
  if (timer !== null && (reasons.length === 0 || timer.kind !== "timeout")) {
    reasons.push(`${timer.kind} of ${timer.path} until ${new Date(timer.dueMs).toISOString()}`);
  }
  return reasons.length === 0 ? null : `waits for ${reasons.join(", ")}`;
}
