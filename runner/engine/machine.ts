import type { Json } from "../../plan/expression.ts";
import type { ErrorValue, ReceivedEvent, RunEnded, RunEvent, RunFact } from "../../plan/history.ts";
import type { Wait } from "../../plan/wait.ts";
import type { Activity } from "./activity.ts";
import type { Effect } from "./effect.ts";

/**
 * One run as a state machine: the fold of its history. Pure apart from changing itself: no clock, no
 * randomness, no input or output. The same events give the same state in whatever process, and
 * folding a history gives what applying its events one by one gave.
 *
 * The loop of an owner: take what came in (outcomes, answers, due timers) and `record` each as an event; if `ending()`
 * says so, record that too; record `activity.started` for those of `ready()` that it begins; append the recorded events
 * with `takeEffects()` in one transaction; then, and only then, do the begun activities. If the append is
 * fenced, throw the machine away.
 *
 * After a fold of stored events: `takeEffects()` and drop them, for they are stored; if `inFlight()` is not empty,
 * record `run.interrupted`.
 */
export interface RunMachine {
  readonly run: string;
  readonly flow: string;
  readonly planHash: string;
  /** `created`: not admitted yet. */
  readonly phase: "empty" | "created" | "running" | "paused" | "ended";
  /** Number of events applied. */
  readonly seq: number;
  readonly lastAtMs: number;
  readonly startedAtMs: number;
  readonly spent: { readonly cost: number; readonly tokensIn: number; readonly tokensOut: number };
  readonly cancelRequested: boolean;
  /** Once it has ended. */
  readonly outcome: {
    readonly status: RunEnded["status"];
    readonly output: Json;
    readonly error: ErrorValue | null;
  } | null;

  /** Folds one event. @throws AssertionFailed when it is out of order or speaks of what does not exist. */
  apply(event: RunEvent): void;
  /** Gives the fact its number and time, applies it, and returns the event to be appended. */
  record(fact: RunFact, nowMs: number): RunEvent;

  /** Slots and states that the run needs before `run.started`. */
  admission(): Admission;
  /**
   * Activities that may begin now, in the order they became ready. Empty while paused. Those that are held back elsewhere are
   * left out, and so cost nothing however many they are.
   */
  ready(limit?: number, isHeld?: (leaf: ReadyLeaf) => boolean): readonly Activity[];
  /** Grows whenever something becomes ready. */
  readonly readyAdded: number;
  /** Null when nothing is ready there. */
  readyLeaf(path: string): ReadyLeaf | null;
  /** Of what is ready there. */
  readyActivity(path: string): Activity;
  /** The model that a request which is ready there would go to; null when it is no request. */
  readyModel(path: string): string | null;
  /** Activities begun whose outcome is awaited by the process that began them: not people, not `receive`. */
  inFlight(): readonly { readonly path: string; readonly attempt: number }[];
  /** Whether an outcome, an answer or an event for this path would be taken. Others must not be recorded. */
  awaits(path: string): boolean;
  /** Whether an event fits the `where` of the `receive` at `path`, or of the flow's `cancelOn` when `path` is "". */
  accepts(path: string, event: ReceivedEvent): boolean;
  /** Topics to wait for: those of `receive` that have begun, and `cancelOn` with path "". */
  waits(): readonly { readonly path: string; readonly topic: string }[];
  /** Whether a called flow has asked for its slot and has not got it. */
  awaitsSlots(): boolean;
  /** The next fact of a timer that is due, null when there is none. Recording one may call off others. */
  dueTimer(nowMs: number): RunFact | null;
  /** When the next timer is due. */
  wakeAtMs(): number | null;
  /** The run's last fact, once nothing is left to do; record it in the same transaction. */
  ending(): RunEnded | null;
  /** Takes what followed from the events since the last call. */
  takeEffects(): readonly Effect[];
  /** Why nothing is ready or in flight; null when something is. */
  reasonsToWait(): readonly Wait[] | null;
  /** Whether the last event has left work on long lists behind. It is done in steps, or at once when anything else is asked of the machine. */
  readonly hasWork: boolean;
  workSteps(): Generator<void, void>;
  /** The whole state as JSON; `restoreRun` reads it. Nothing is applied between two steps. */
  snapshotSteps(): Generator<void, Json>;
}

/** What may begin, as far as it is known without working out its arguments. */
export interface ReadyLeaf {
  readonly path: string;
  readonly activity: Activity["kind"];
  readonly callee: string;
}

export interface Admission {
  /** Of the flow's `concurrency` and of its states. */
  readonly slots: readonly { readonly key: string; readonly limit: number }[];
  readonly states: readonly {
    readonly flow: string;
    readonly name: string;
    readonly was?: string;
    readonly key: string;
  }[];
  /** 10 critical, 7, 5, 3, 1 background. */
  readonly priority: number;
}
