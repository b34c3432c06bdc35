/** What each kind of event does to a run. */

import { assert, required, unreachable } from "../../base/assert.ts";
import type {
  ActivityFailed,
  ActivityStarted,
  ActivitySucceeded,
  EventReceived,
  PersonAnswered,
  RunCreated,
  RunEnded,
  RunEvent,
  RunStarted,
  Spending,
  TimerFired,
} from "../../plan/history.ts";
import { agentCode, checkAnswer } from "./agents.ts";
import { admissionOf, mayRestart } from "./build-activity.ts";
import { stepError } from "./failure.ts";
import { beginRoot, guardedFlow, startFlow } from "./flows.ts";
import { redoCompensations } from "./redo.ts";
import type { LeafNode } from "./nodes.ts";
import { setReminder } from "./reminders.ts";
import type { RunState } from "./run-state.ts";
import { endLeaf, fail } from "./tree.ts";

export function applyEvent(run: RunState, event: RunEvent): void {
  switch (event.kind) {
    case "run.created":
      created(run, event);
      return;
    case "run.started":
      runStarted(run, event);
      return;
    case "run.interrupted":
      interrupted(run);
      return;
    case "run.paused":
      if (run.phase === "running") run.phase = "paused";
      return;
    case "run.resumed":
      if (run.phase === "paused") run.phase = "running";
      return;
    case "run.cancel-requested":
      cancelRequested(run, event.reason);
      return;
    case "run.ended":
      runEnded(run, event);
      return;
    case "activity.started":
      activityStarted(run, event);
      return;
    case "activity.succeeded":
      activitySucceeded(run, event);
      return;
    case "activity.failed":
      activityFailed(run, event);
      return;
    case "timer.fired":
      timerFired(run, event);
      return;
    case "person.answered":
      personAnswered(run, event);
      return;
    case "event.received":
      eventReceived(run, event);
      return;
    case "run.retried":
      assert(false, "a retry is folded from the whole history");
      return;
    default:
      unreachable(event);
  }
}

function created(run: RunState, { kept, ...event }: RunEvent & RunCreated): void {
  for (const [path, call] of Object.entries(kept ?? {})) run.kept.set(path, call);
  run.created = event;
  run.startedAtMs = event.atMs;
  run.phase = "created";
}

function runStarted(run: RunState, event: RunStarted): void {
  const created = required(run.created, "a run is created before it starts");
  assert(run.phase === "created", () => `a run starts once, not while ${run.phase}`);
  run.phase = "running";
  // Cancelled while it queued: it is admitted to end.
  if (run.result !== null) return;
  const name = run.program.flows.get(created.flow)?.plan.name ?? created.flow;
  const entry = { key: null, priority: admissionOf(run).priority };
  const given = { parent: null, id: created.flow, args: created.input, path: name, entry };
  const flow = startFlow(run, given);
  if (run.redo === null || !redoCompensations(run, flow, event.states))
    guardedFlow(run, () => beginRoot(run, flow, statesOf(run, event)));
}

/** A run that has succeeded has stored its states: when one item is done again, it goes by what it read at first. */
function statesOf(run: RunState, event: RunStarted): RunStarted["states"] {
  const { redo } = run;
  return redo?.redo?.kind === "item" && redo.former.status === "succeeded"
    ? redo.readings
    : event.states;
}

/** Whether the process that began an activity is the one that reports its end. */
export function isWorkers(leaf: LeafNode): boolean {
  const { activity } = leaf;
  return activity !== "person" && activity !== "receive" && activity !== "slot";
}

function interrupted(run: RunState): void {
  for (const leaf of [...run.leaves.values()]) {
    if (!isWorkers(leaf) || leaf.state === "ready" || leaf.ended) continue;
    if (leaf.state === "aborting") {
      endLeaf(run, leaf, { kind: "cancelled" });
    } else if (mayRestart(run, leaf)) {
      leaf.state = "ready";
      run.readyLeaves.add(leaf);
      run.readyAdded += 1;
      run.observer?.leafChanged(leaf, run);
    } else {
      const message = "the process stopped during the call; whether it has acted is unknown";
      endLeaf(run, leaf, { kind: "failed", error: stepError(leaf, "interrupted", message) });
    }
  }
}

function cancelRequested(run: RunState, reason: string): void {
  run.cancelReason ??= reason;
  if (run.phase === "paused") run.phase = "running";
  if (run.root === null) {
    if (run.phase === "created")
      run.result = {
        kind: "failed",
        error: { code: "cancelled", message: reason, step: run.created?.flow ?? "", attempts: 1 },
      };
    return;
  }
  if (!run.root.ended && run.root.phase !== "undoing")
    fail(run, run.root, stepError(run.root, "cancelled", reason));
}

function runEnded(run: RunState, event: RunEnded): void {
  assert(run.result !== null, "the run has nothing left to do");
  run.outcome = { status: event.status, output: event.output, error: event.error };
  run.phase = "ended";
}

function leafAt(run: RunState, path: string, attempt: number): LeafNode {
  const leaf = required(run.leaves.get(path), () => `no activity at ${path}`);
  assert(leaf.attempt === attempt, () => `${path} is at attempt ${leaf.attempt}, not ${attempt}`);
  return leaf;
}

function activityStarted(run: RunState, event: ActivityStarted): void {
  const leaf = leafAt(run, event.path, event.attempt);
  assert(
    leaf.state === "ready" && leaf.activity === event.activity,
    () => `${event.path} is ${leaf.state}`,
  );
  leaf.state = "started";
  run.readyLeaves.delete(leaf);
  if (leaf.activity === "person") setReminder(run, leaf);
  run.observer?.leafChanged(leaf, run);
}

function count(
  run: RunState,
  spent: Spending | undefined,
): { readonly cost: number; readonly tokens: number } {
  if (spent === undefined) return { cost: 0, tokens: 0 };
  const cost = Math.round(spent.cost * 1_000_000);
  run.spentCost += cost;
  run.spentTokensIn += spent.tokensIn;
  run.spentTokensOut += spent.tokensOut;
  return { cost, tokens: spent.tokensIn + spent.tokensOut };
}

function activitySucceeded(run: RunState, event: ActivitySucceeded): void {
  const leaf = leafAt(run, event.path, event.attempt);
  assert(leaf.state !== "ready", () => `${event.path} ends before it started`);
  run.lastSpent = event.spent ?? null;
  endLeaf(run, leaf, { kind: "ok", value: event.output }, count(run, event.spent));
}

function activityFailed(run: RunState, event: ActivityFailed): void {
  const leaf = leafAt(run, event.path, event.attempt);
  assert(leaf.state !== "ready", () => `${event.path} ends before it started`);
  run.lastSpent = event.spent ?? null;
  run.retryAfterMs = event.retryAfterMs ?? 0;
  const spent = count(run, event.spent);
  if (leaf.state === "aborting") endLeaf(run, leaf, { kind: "cancelled" }, spent);
  else
    endLeaf(
      run,
      leaf,
      { kind: "failed", error: stepError(leaf, event.code, event.message) },
      spent,
    );
  run.retryAfterMs = 0;
}

function timerFired(run: RunState, event: TimerFired): void {
  const timer = required(
    run.timers.find(event.timer, event.path),
    () => `no ${event.timer} timer at ${event.path}`,
  );
  assert(
    timer.dueMs === event.dueMs && timer.dueMs <= run.nowMs,
    () => `the ${event.timer} timer at ${event.path} fires early`,
  );
  run.timers.callOff(timer);
  run.logic.timerFired(run, timer);
}

/** An answer that does not fit leaves the question open. */
function personAnswered(run: RunState, event: PersonAnswered): void {
  const leaf = required(run.leaves.get(event.path), () => `nobody is asked at ${event.path}`);
  const { owner } = leaf;
  assert(
    leaf.activity === "person" &&
      leaf.state === "started" &&
      owner.kind === "task" &&
      owner.act?.kind === "agent",
    () => `nobody is asked at ${event.path}`,
  );
  const checked = checkAnswer(run, {
    code: agentCode(run, owner.act.agent),
    args: owner.act.args,
    value: event.value,
  });
  if (checked.ok) {
    run.effects.push({ kind: "withdraw", path: leaf.path });
    endLeaf(run, leaf, { kind: "ok", value: checked.value });
    return;
  }
  leaf.problem = checked.message;
  run.effects.push({ kind: "ask-again", path: leaf.path, problem: checked.message });
}

function eventReceived(run: RunState, event: EventReceived): void {
  const leaf = required(run.leaves.get(event.path), () => `nothing is awaited at ${event.path}`);
  assert(
    leaf.activity === "receive" && leaf.state === "started",
    () => `nothing is awaited at ${event.path}`,
  );
  run.effects.push({ kind: "withdraw", path: leaf.path });
  endLeaf(run, leaf, { kind: "ok", value: event.event.data });
}
