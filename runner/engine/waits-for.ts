import type { Wait } from "../../plan/wait.ts";
import type { Timer } from "./nodes.ts";
import type { RunState } from "./run-state.ts";

/** People and events named at most; a run may ask thousands. */
const maxNamed = 20;

/** Why nothing is going on; null when a process has something to do. */
export function reasonsToWait(run: RunState): readonly Wait[] | null {
  if (run.phase === "ended") return null;
  if (run.phase === "paused") return [{ kind: "resume" }];
  if (run.phase === "created") return [{ kind: "slot" }];
  if (run.readyLeaves.size > 0) return null;
  const waits: Wait[] = [];
  for (const { activity, path, callee } of run.leaves.values()) {
    if (activity === "person") waits.push({ kind: "person", path, agent: callee });
    else if (activity === "receive") waits.push({ kind: "event", path, topic: callee });
    else if (activity === "slot") waits.push({ kind: "slot", path, flow: callee });
    else return null;
    if (waits.length === maxNamed) break;
  }
  const timer = nextTimer(run, waits.length > 0);
  if (timer !== null)
    waits.push({ kind: "timer", path: timer.path, timer: timer.kind, untilMs: timer.dueMs });
  return waits.length === 0 ? null : waits;
}

/** A time limit and a reminder are no reason to wait where somebody is waited for. */
function nextTimer(run: RunState, forOthers: boolean): Timer | null {
  let next: Timer | null = null;
  for (const timer of run.timers.active.values()) {
    if (forOthers && isAside(timer)) continue;
    if (next === null || timer.dueMs < next.dueMs) next = timer;
  }
  return next;
}

function isAside({ kind }: Timer): boolean {
  return kind === "timeout" || kind === "budget" || kind === "remind";
}
