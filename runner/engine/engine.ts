import { allSteps } from "../../base/all-steps.ts";
import { assert, required, unreachable } from "../../base/assert.ts";
import { tryEvaluate } from "../../plan/evaluate/names.ts";
import type { Names } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { ReceivedEvent, RunEnded, RunEvent, RunFact } from "../../plan/history.ts";
import type { Wait } from "../../plan/wait.ts";
import type { Activity } from "./activity.ts";
import { admissionOf, buildActivity } from "./build-activity.ts";
import type { EngineProgram } from "./code.ts";
import { rememberUndo, undoChildEnded } from "./compensation.ts";
import { conclude, endingOf } from "./conclude.ts";
import type { Effect } from "./effect.ts";
import { stepError } from "./failure.ts";
import { currentModel } from "./agents.ts";
import { release } from "./flow-limits.ts";
import { flowChildEnded, flowSettled, turnCame } from "./flows.ts";
import { flowOf } from "./finish-call.ts";
import { decoded, returnsOf, taskSettled } from "./finish-task.ts";
import type { Admission, ReadyLeaf, RunMachine } from "./machine.ts";
import type { Interrupt, LeafNode, ParentNode, Timer } from "./nodes.ts";
import { applyEvent, isWorkers } from "./run-facts.ts";
import { goOnAfterRedo } from "./redo.ts";
import { remind } from "./reminders.ts";
import { RunState } from "./run-state.ts";
import type { Logic } from "./run-state.ts";
import { completeScope, scopeChildEnded, scopeSettled } from "./scopes.ts";
import { encodeSnapshot, snapshotSteps } from "./snapshot.ts";
import { beginTask, guarded, taskChildEnded, taskTimer } from "./tasks.ts";
import { fail } from "./tree.ts";
import { reasonsToWait } from "./waits-for.ts";

const logic: Logic = {
  begin: (run, node) => {
    if (node.kind === "task") beginTask(run, node);
    else completeScope(run, node);
  },
  childEnded: (run, { parent, child, ending }) => {
    switch (parent.kind) {
      case "task":
        taskChildEnded(run, parent, { child, ending });
        return;
      case "scope":
        scopeChildEnded(run, parent, { child, ending });
        return;
      case "flow":
        flowChildEnded(run, parent, { child, ending });
        return;
      case "undo":
        assert(child.kind === "task", "compensations are calls");
        undoChildEnded(run, parent, { child, ending });
        return;
      default:
        unreachable(parent);
    }
  },
  lateSuccess: (run, { parent, child, value }) => {
    if (
      parent.kind !== "task" ||
      child.kind !== "leaf" ||
      parent.act?.kind !== "call" ||
      (child.activity !== "tool" && child.activity !== "stub")
    )
      return;
    const result = decoded(run, returnsOf(run, parent.act.callee) ?? "", value, "drop");
    if (result.ok) rememberUndo(run, parent, result.value);
  },
  settled,
  timerFired,
  released: release,
  redone: goOnAfterRedo,
};

function settled(run: RunState, node: ParentNode, why: Interrupt): void {
  switch (node.kind) {
    case "task":
      guarded(run, node, () => taskSettled(run, node, why));
      return;
    case "scope":
      scopeSettled(run, node, why);
      return;
    case "flow":
      flowSettled(run, node, why);
      return;
    case "undo":
      assert(false, "compensation is never interrupted");
  }
}

function timerFired(run: RunState, timer: Timer): void {
  const { node } = timer;
  if (node.kind === "leaf") remind(run, node);
  else if (node.kind === "task") taskTimer(run, node, timer);
  else if (node.kind === "flow" && timer.kind === "rate") turnCame(run, node);
  else if (node.kind === "flow") {
    const budget = timer.kind === "budget";
    fail(
      run,
      node,
      stepError(
        node,
        budget ? "budget_exceeded" : "timeout",
        budget
          ? `the time budget of ${node.ownPath} is spent`
          : `${node.ownPath} took longer than allowed`,
      ),
    );
  }
}

/** A run as a state machine. */
export class Engine implements RunMachine {
  private readonly folded: RunState;

  constructor(program: EngineProgram, state: RunState = new RunState(program, logic)) {
    this.folded = state;
  }

  /** All that follows from the events so far has happened in it. */
  get state(): RunState {
    if (this.folded.longWork.length > 0) allSteps(this.workSteps());
    return this.folded;
  }

  get hasWork(): boolean {
    return this.folded.longWork.length > 0;
  }

  *workSteps(): Generator<void, void> {
    const { folded } = this;
    for (let work = folded.longWork[0]; work !== undefined; work = folded.longWork[0]) {
      // Whoever asks for anything meanwhile takes the steps that are left.
      while (work.next().done !== true) yield;
      if (folded.longWork[0] === work) folded.longWork.shift();
      folded.drain();
    }
    conclude(folded);
  }

  get run(): string {
    return this.state.created?.run ?? "";
  }

  get flow(): string {
    return this.state.created?.flow ?? "";
  }

  get planHash(): string {
    return this.state.program.hash;
  }

  get phase(): RunMachine["phase"] {
    return this.state.phase;
  }

  get seq(): number {
    return this.state.seq;
  }

  get lastAtMs(): number {
    return this.state.nowMs;
  }

  get startedAtMs(): number {
    return this.state.startedAtMs;
  }

  get spent(): RunMachine["spent"] {
    const { spentCost, spentTokensIn, spentTokensOut } = this.state;
    return { cost: spentCost / 1_000_000, tokensIn: spentTokensIn, tokensOut: spentTokensOut };
  }

  get cancelRequested(): boolean {
    return this.state.cancelReason !== null;
  }

  get outcome(): RunMachine["outcome"] {
    return this.state.outcome;
  }

  apply(event: RunEvent): void {
    const { state } = this;
    assert(event.seq === state.seq + 1, () => `event ${event.seq} after ${state.seq}`);
    assert(event.atMs >= state.nowMs, () => `event ${event.seq} is older than the one before`);
    assert(state.phase !== "ended", "the run has ended");
    state.seq = event.seq;
    state.nowMs = event.atMs;
    applyEvent(state, event);
    state.drain();
    if (!this.hasWork) conclude(state);
  }

  record(fact: RunFact, nowMs: number): RunEvent {
    const { state } = this;
    const event = { seq: state.seq + 1, atMs: Math.max(nowMs, state.nowMs), ...fact };
    this.apply(event);
    return event;
  }

  admission(): Admission {
    return admissionOf(this.state);
  }

  ready(
    limit = Number.POSITIVE_INFINITY,
    isHeld: (leaf: ReadyLeaf) => boolean = () => false,
  ): readonly Activity[] {
    const activities: Activity[] = [];
    if (this.state.phase !== "running") return activities;
    const { readyLeaves, mixedPriorities } = this.state;
    const leaves = mixedPriorities && readyLeaves.size > 1 ? byPriority(readyLeaves) : readyLeaves;
    for (const leaf of leaves) {
      if (activities.length >= limit) break;
      if (!isHeld(leaf)) activities.push(buildActivity(this.state, leaf));
    }
    return activities;
  }

  get readyAdded(): number {
    return this.state.readyAdded;
  }

  readyLeaf(path: string): LeafNode | null {
    const { phase, leaves, readyLeaves } = this.state;
    const leaf = leaves.get(path);
    return phase === "running" && leaf !== undefined && readyLeaves.has(leaf) ? leaf : null;
  }

  readyActivity(path: string): Activity {
    return buildActivity(this.state, required(this.state.leaves.get(path), "it is ready"));
  }

  readyModel(path: string): string | null {
    const leaf = this.state.leaves.get(path);
    if (leaf?.activity !== "model" || leaf.owner.kind !== "task") return null;
    const { act } = leaf.owner;
    return act?.kind === "agent" ? currentModel(this.state, leaf.owner, act).name : null;
  }

  inFlight(): readonly { readonly path: string; readonly attempt: number }[] {
    const found: { readonly path: string; readonly attempt: number }[] = [];
    for (const leaf of this.state.leaves.values()) {
      if (leaf.state !== "ready" && isWorkers(leaf))
        found.push({ path: leaf.path, attempt: leaf.attempt });
    }
    return found;
  }

  awaits(path: string): boolean {
    const leaf = this.state.leaves.get(path);
    return leaf !== undefined && leaf.state !== "ready" && this.state.phase !== "ended";
  }

  accepts(path: string, event: ReceivedEvent): boolean {
    const { state } = this;
    const value: Json = { id: event.id, topic: event.topic, time: event.time, data: event.data };
    if (path === "") {
      const { root } = state;
      if (root === null || root.code.plan.cancelOn === undefined) return false;
      const where = root.code.cancelWhere;
      return (
        where === null ||
        holds(where, {
          lookup: (name) =>
            name === "event" ? value : (root.args[name] ?? state.contextValue(name)),
          config: (name) => state.config[name],
        })
      );
    }
    const owner = this.awaits(path) ? state.leaves.get(path)?.owner : undefined;
    if (owner?.kind !== "task" || owner.code.action.kind !== "call") return false;
    const { where } = owner.code.action;
    return (
      where === null ||
      holds(where, {
        lookup: (name) => (name === "event" ? value : owner.scope.lookup(name)),
        config: (name) => state.config[name],
      })
    );
  }

  waits(): readonly { readonly path: string; readonly topic: string }[] {
    const { state } = this;
    const found: { readonly path: string; readonly topic: string }[] = [];
    if (state.phase === "ended") return found;
    const cancelOn = state.root?.code.plan.cancelOn;
    if (cancelOn !== undefined) found.push({ path: "", topic: cancelOn.topic });
    for (const leaf of state.leaves.values()) {
      if (leaf.activity === "receive" && leaf.state === "started")
        found.push({ path: leaf.path, topic: leaf.callee });
    }
    return found;
  }

  awaitsSlots(): boolean {
    for (const leaf of this.state.leaves.values())
      if (leaf.activity === "slot" && leaf.state === "started") return true;
    return false;
  }

  dueTimer(nowMs: number): RunFact | null {
    if (this.state.phase !== "running" && this.state.phase !== "paused") return null;
    const timer = this.state.timers.earliest();
    if (timer === null || timer.dueMs > nowMs) return null;
    return { kind: "timer.fired", path: timer.path, timer: timer.kind, dueMs: timer.dueMs };
  }

  wakeAtMs(): number | null {
    const { state } = this;
    if (state.phase === "created") return state.created?.notBeforeMs ?? null;
    if (state.phase === "ended") return null;
    return state.timers.earliest()?.dueMs ?? null;
  }

  ending(): RunEnded | null {
    return endingOf(this.state);
  }

  takeEffects(): readonly Effect[] {
    const { effects } = this.state;
    if (effects.length > 0) this.state.effects = [];
    return effects;
  }

  reasonsToWait(): readonly Wait[] | null {
    return reasonsToWait(this.state);
  }

  snapshot(): Json {
    return encodeSnapshot(this.state);
  }

  snapshotSteps(): Generator<void, Json> {
    return snapshotSteps(this.state);
  }
}

function holds(where: Parameters<typeof tryEvaluate>[0], names: Names): boolean {
  const evaluated = tryEvaluate(where, names);
  return evaluated.ok && evaluated.value === true;
}

/** The more urgent first; those of one priority in the order they became ready. */
function byPriority(leaves: ReadonlySet<LeafNode>): readonly LeafNode[] {
  const priority = (leaf: LeafNode): number => flowOf(leaf)?.priority ?? 5;
  return [...leaves].sort((left, right) => priority(right) - priority(left));
}

export function newState(program: EngineProgram): RunState {
  return new RunState(program, logic);
}
