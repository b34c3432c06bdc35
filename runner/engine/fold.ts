import { allSteps } from "../../base/all-steps.ts";
import { assert, required } from "../../base/assert.ts";
import { equalityKey } from "../../plan/evaluate/equality.ts";
import type { Json } from "../../plan/expression.ts";
import type { ErrorValue, Redo, RunEvent, RunRetried } from "../../plan/history.ts";
import type { EngineProgram } from "./code.ts";
import { Engine, newState } from "./engine.ts";
import type { Node, ScopeNode, TaskNode } from "./nodes.ts";
import type { Observer, RedoState, RunState } from "./run-state.ts";
import { isCall } from "./deed.ts";
import { decodeSteps, fitsSnapshot } from "./snapshot.ts";

/** Gives the program of a plan hash; all plans that a history names are there. */
export type ProgramOf = (planHash: string) => EngineProgram;

/** A run before its first event. */
export function openRun(program: EngineProgram): Engine {
  return new Engine(program, newState(program));
}

/**
 * The state of a run from a snapshot; events after it are then applied one by one. Null when another version of agentflow has
 * written it, or it is of another plan: then the history has to be folded.
 */
export function restoreRun(program: EngineProgram, snapshot: Json): Engine | null {
  return allSteps(restoreSteps(program, snapshot));
}

/** The same in steps of about a millisecond. */
export function* restoreSteps(
  program: EngineProgram,
  snapshot: Json,
): Generator<void, Engine | null> {
  const state = newState(program);
  if (!fitsSnapshot(state, snapshot)) return null;
  yield* decodeSteps(state, program, snapshot);
  return new Engine(program, state);
}

/**
 * The state of a run from its whole history. A `run.retried` begins anew with what the steps before it have given, by
 * path; a compensated step is done again.
 */
export function foldRun(
  events: readonly RunEvent[],
  programOf: ProgramOf,
  observer: Observer | null = null,
): Engine {
  const retried = events.some((event) => event.kind === "run.retried");
  const fold = new Fold({ programOf, observer, retried });
  for (const event of events) fold.apply(event);
  return fold.end();
}

/** Folds a history event by event, as it is read. */
export class Fold {
  private readonly programOf: ProgramOf;
  private readonly observer: Observer | null;
  /** What steps gave costs memory that only a retry needs. */
  private readonly memory: FinishedSteps | null;
  private engine: Engine | null = null;

  constructor(options: {
    readonly programOf: ProgramOf;
    readonly observer: Observer | null;
    /** Whether there is a `run.retried` in the history, without which such an event is not folded. */
    readonly retried: boolean;
  }) {
    this.programOf = options.programOf;
    this.observer = options.observer;
    this.memory = options.retried ? new FinishedSteps(options.observer) : null;
  }

  apply(event: RunEvent): void {
    let { engine } = this;
    if (engine === null) {
      assert(event.kind === "run.created", "a history begins with its creation");
      engine = this.watched(openRun(this.programOf(event.planHash)));
    }
    if (event.kind === "run.retried") {
      const memory = required(this.memory, "finished steps");
      const program = this.programOf(event.planHash);
      engine = this.watched(retry(engine, { event, program, memory }));
    } else engine.apply(event);
    this.engine = engine;
  }

  get hasWork(): boolean {
    return this.engine?.hasWork === true;
  }

  workSteps(): Generator<void, void> {
    return required(this.engine, "a history begins with its creation").workSteps();
  }

  end(): Engine {
    const engine = required(this.engine, "a history begins with its creation");
    engine.state.observer = this.observer;
    return engine;
  }

  private watched(engine: Engine): Engine {
    engine.state.observer = this.memory ?? this.observer;
    return engine;
  }
}

interface Retry {
  readonly event: RunEvent & RunRetried;
  readonly program: EngineProgram;
  readonly memory: FinishedSteps;
}

/** The run waits for its slots again; what it has spent, and which steps were undone how often, stays known. */
function retry(old: Engine, { event, program, memory }: Retry): Engine {
  const before = old.state;
  assert(before.phase === "ended" && event.seq === before.seq + 1, "an ended run is retried");
  const engine = openRun(program);
  const { state } = engine;
  const { planHash, limits } = event;
  const created = { ...required(before.created, "a run is created"), planHash };
  state.created = limits === undefined ? created : { ...created, limits };
  state.phase = "created";
  state.seq = event.seq;
  state.nowMs = event.atMs;
  state.startedAtMs = before.startedAtMs;
  state.spentCost = before.spentCost;
  state.spentTokensIn = before.spentTokensIn;
  state.spentTokensOut = before.spentTokensOut;
  for (const [path, times] of before.undone) state.undone.set(path, times);
  for (const [name, calls] of before.stubCalls) state.stubCalls.set(name, calls);
  for (const [path, call] of before.kept) state.kept.set(path, call);
  for (const [path, { value, args }] of memory.values) {
    state.memo.set(path, value);
    state.memoArgs.set(path, args);
  }
  for (const [path, entry] of before.parked) {
    adopt(state, entry.scope);
    state.parked.set(path, entry);
  }
  for (const [path, item] of before.itemInputs) state.itemInputs.set(path, item);
  if (event.redo !== undefined) keepLetters(before, state, event.redo);
  state.redo = redoOf(before, event, memory);
  return engine;
}

/** The blocks that a compensation sees outlive the try that they belonged to. */
function adopt(run: RunState, scope: ScopeNode): void {
  for (let node: Node | null = scope; node !== null; node = node.parent)
    if (node.kind === "scope") Object.assign(node, { run });
  if (scope.outer !== null) adopt(run, scope.outer);
}

/** A retry of everything takes all dead letters of the run with it, one of an item only that item's. */
function keepLetters(before: RunState, state: RunState, redo: Redo): void {
  for (const path of before.lettered) if (path !== redo.path) state.lettered.add(path);
  if (redo.kind !== "item" || redo.input === undefined) return;
  state.itemInputs.set(redo.path, redo.input);
  // With another input it is another deed: under the old keys tools that drop repeats would answer for the old one.
  state.undone.set(redo.path, (state.undone.get(redo.path) ?? 0) + 1);
}

/** What the retry is about. Compensations belong to the plan that they were made under. */
function redoOf(
  before: RunState,
  { redo, parked = [], planHash }: RunRetried,
  memory: FinishedSteps,
): RedoState {
  const paths = redo?.kind === "undo" ? [redo.path] : parked;
  if (before.program.hash !== planHash) before.parked.clear();
  return {
    redo: redo ?? null,
    undo: paths.flatMap((path) => before.parked.get(path) ?? []),
    former: required(before.outcome, "an ended run has an outcome"),
    readings: before.root?.readings ?? before.redo?.readings ?? [],
    failedItems: new Map(memory.failedItems),
  };
}

/** Watches a fold and keeps what calls have given, as long as it was not undone. */
class FinishedSteps implements Observer {
  readonly values = new Map<string, { readonly value: Json; readonly args: string }>();
  readonly failedItems = new Map<string, ErrorValue>();
  readonly next: Observer | null;

  constructor(next: Observer | null) {
    this.next = next;
  }

  stepBegan: Observer["stepBegan"] = (node, run) => this.next?.stepBegan(node, run);

  stepEnded: Observer["stepEnded"] = (node, ending, run) => {
    if (ending.kind === "ok" && isCall(node))
      this.values.set(node.path, { value: ending.value, args: argsKey(node) });
    this.next?.stepEnded(node, ending, run);
  };

  stepRetries: Observer["stepRetries"] = (node, dueMs, run) =>
    this.next?.stepRetries(node, dueMs, run);

  stepUndone: Observer["stepUndone"] = (path, ok, run) => {
    this.values.delete(path);
    this.next?.stepUndone(path, ok, run);
  };

  leafChanged: Observer["leafChanged"] = (node, run) => this.next?.leafChanged(node, run);

  itemSettled = (path: string, error: ErrorValue | null): void => {
    if (error === null) this.failedItems.delete(path);
    else this.failedItems.set(path, error);
  };
}

function argsKey({ act }: TaskNode): string {
  return act?.kind === "call" || act?.kind === "agent" ? equalityKey(act.args) : "";
}
