import type { Json } from "../../plan/expression.ts";
import type {
  ErrorValue,
  KeptCall,
  Redo,
  RunCreated,
  RunEnded,
  Spending,
  StateReading,
} from "../../plan/history.ts";
import type { Program } from "../../plan/plan.ts";
import type { EngineProgram } from "./code.ts";
import type { Effect } from "./effect.ts";
import type {
  Continuation,
  Ending,
  FlowLimit,
  FlowNode,
  Interrupt,
  LeafNode,
  LetChain,
  Node,
  ParentNode,
  RunContext,
  ScopeNode,
  TaskNode,
  Timer,
  UndoEntry,
} from "./nodes.ts";
import { TimerQueue } from "./timers.ts";

/** What happens to nodes of each kind. One object for all runs: the state itself holds no functions. */
export interface Logic {
  /** A step whose needs are met, a block without open steps, a `for` or `repeat` that may go on. */
  begin(run: RunState, node: TaskNode | ScopeNode): void;
  childEnded(
    run: RunState,
    at: { readonly parent: ParentNode; readonly child: Node; readonly ending: Ending },
  ): void;
  /** A child succeeded although its parent is being closed. */
  lateSuccess(
    run: RunState,
    at: { readonly parent: ParentNode; readonly child: Node; readonly value: Json },
  ): void;
  /** All children of an interrupted node have ended. */
  settled(run: RunState, node: ParentNode, why: Interrupt): void;
  timerFired(run: RunState, timer: Timer): void;
  /** A flow that counted under limits has ended. */
  released(run: RunState, limitKey: string): void;
  /** The compensations that a retry begins with have ended. */
  redone(run: RunState, flow: FlowNode): void;
}

/** Told of what steps do, for those who show it. Never changes what happens. */
export interface Observer {
  stepBegan(node: TaskNode, run: RunState): void;
  stepEnded(node: TaskNode, ending: Ending, run: RunState): void;
  stepRetries(node: TaskNode, dueMs: number, run: RunState): void;
  stepUndone(path: string, ok: boolean, run: RunState): void;
  leafChanged(node: LeafNode, run: RunState): void;
  /** A person was reminded. */
  reminded?(node: LeafNode, run: RunState): void;
  /** An item of a `for` has ended by itself: null when it succeeded. */
  itemSettled?(path: string, error: ErrorValue | null): void;
}

/** Of a run that was retried. */
export interface RedoState {
  readonly redo: Redo | null;
  /** Compensations to do again before anything else. */
  readonly undo: readonly UndoEntry[];
  /** How the run ended before. */
  readonly former: RunOutcome;
  /** States as the former try read them, and items that failed in it. */
  readonly readings: readonly StateReading[];
  readonly failedItems: ReadonlyMap<string, ErrorValue>;
}

export interface RunOutcome {
  readonly status: RunEnded["status"];
  readonly output: Json;
  readonly error: ErrorValue | null;
}

export class RunState implements RunContext {
  readonly program: EngineProgram;
  readonly logic: Logic;
  observer: Observer | null = null;

  phase: "empty" | "created" | "running" | "paused" | "ended" = "empty";
  created: RunCreated | null = null;
  seq = 0;
  /** Time of the event being applied. */
  nowMs = 0;
  startedAtMs = 0;
  cancelReason: string | null = null;
  outcome: RunOutcome | null = null;
  /** What the run will end with: set when its flow has ended. */
  result: Ending | null = null;
  spentCost = 0;
  spentTokensIn = 0;
  spentTokensOut = 0;

  root: FlowNode | null = null;
  /** Activities by path. */
  readonly leaves = new Map<string, LeafNode>();
  readonly readyLeaves = new Set<LeafNode>();
  /** How often one has become ready. */
  readyAdded = 0;
  readonly timers = new TimerQueue();
  timerOrder = 0;
  undoOrder = 0;
  /** Nodes to go on with before the event has been applied completely. */
  readonly agenda: (TaskNode | ScopeNode)[] = [];
  /** Work on long lists that follows from the event, to be done before the next one. */
  readonly longWork: Generator<void, void>[] = [];
  effects: Effect[] = [];
  /** Running calls by callee, and those whose last call found them unavailable: how a role's filler is chosen. */
  readonly load = new Map<string, number>();
  readonly ailing = new Set<string>();
  /** Limits of called flows, by flow and `per`. */
  readonly flowLimits = new Map<string, FlowLimit>();
  /** Some called flow has another priority than the run. */
  mixedPriorities = false;
  readonly stubCalls = new Map<string, number>();
  /** How often steps were undone, by idempotency path. */
  readonly undone = new Map<string, number>();
  /** Some path holds the number of a try (`~2`), which idempotency keys leave out. */
  generations = false;
  /** What calls gave that a former try of the run has finished, by path, and what they were given. */
  readonly memo = new Map<string, Json>();
  readonly memoArgs = new Map<string, string>();
  /** What calls gave of the run that this one was made of, by path. What they did is that run's to undo. */
  readonly kept = new Map<string, KeptCall>();
  /** Compensations that failed, by path: a retry may do them again. */
  readonly parked = new Map<string, UndoEntry>();
  /** Items that were given something else for a retry. */
  readonly itemInputs = new Map<string, Json>();
  /** Items that are kept as dead letters, by path. */
  readonly lettered = new Set<string>();
  /** What a retry is about, when it is not about everything that failed. */
  redo: RedoState | null = null;
  /** Of flows that have succeeded. */
  continuations: Continuation[] = [];
  /** New values of states, stored if the run succeeds. */
  stateWrites: {
    readonly flow: string;
    readonly name: string;
    readonly key: string;
    readonly value: Json;
  }[] = [];
  /** Nothing but compensations was done again: the run ends as its former try did. */
  endsAsBefore = false;
  missed = false;
  readonly chain: LetChain = { length: 0, early: new Map() };
  /** Of the failure being applied. */
  retryAfterMs = 0;
  /** What the activity that ended last has spent, for those who show it. */
  lastSpent: Spending | null = null;
  /** The effects of the end have been given. */
  concluded = false;

  constructor(program: EngineProgram, logic: Logic) {
    this.program = program;
    this.logic = logic;
  }

  get schemas(): Program["schemas"] {
    return this.program.program.schemas;
  }

  get config(): { readonly [name: string]: Json } {
    return this.created?.config ?? {};
  }

  contextValue(name: string): Json | undefined {
    if (name !== "run" || this.created === null) return undefined;
    const { run, flow, environment } = this.created;
    return {
      id: run,
      startedAt: new Date(this.startedAtMs).toISOString(),
      flow: this.program.flows.get(flow)?.plan.name ?? flow,
      environment,
    };
  }

  later(node: TaskNode | ScopeNode): void {
    this.agenda.push(node);
  }

  /** Goes on until only activities, timers and answers can move the run. */
  drain(): void {
    for (let at = 0; at < this.agenda.length; at += 1) {
      const node = this.agenda[at] as TaskNode | ScopeNode;
      if (!node.ended && node.interrupt === null) this.logic.begin(this, node);
    }
    this.agenda.length = 0;
  }
}
