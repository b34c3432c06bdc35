/**
 * The history of a run: the contract between the engine that folds it, the stores that keep it and
 * everything that shows it. Only facts that cannot be derived are events. Which branch was taken,
 * which items and rounds exist and what a block gave follow from the plan and these facts, so they
 * are never written down.
 *
 * Histories are kept for ever: events are only ever added to this file, and new fields are optional.
 */

import type { Json } from "./expression.ts";

/** A fact with its place in the history of its run. */
export type RunEvent = RunFact & {
  /** 1…n without a gap. */
  readonly seq: number;
  /** Milliseconds since 1970 by the clock of the run's owner; never falls within a run. */
  readonly atMs: number;
};

export type RunFact =
  | RunCreated
  | RunStarted
  | RunInterrupted
  | RunPaused
  | RunResumed
  | RunCancelRequested
  | RunRetried
  | RunEnded
  | ActivityStarted
  | ActivitySucceeded
  | ActivityFailed
  | TimerFired
  | PersonAnswered
  | EventReceived;

/** Always the first event. */
export interface RunCreated {
  readonly kind: "run.created";
  readonly run: string;
  readonly planHash: string;
  /** Id of a flow in the plan. */
  readonly flow: string;
  /** Decoded against the flow's input schema. */
  readonly input: { readonly [param: string]: Json };
  readonly environment: string;
  /** Values of `config` without the secret ones. */
  readonly config: { readonly [name: string]: Json };
  /** What started it: an event, a request, a tick; null by hand. */
  readonly trigger: Json;
  /** How many runs in a row `continue` has started before this one. */
  readonly continuation: number;
  /** A run that `continue` starts after a pause is not started before this time. */
  readonly notBeforeMs?: number;
  /** Folder of the entry file, where the paths of modules start; absolute. */
  readonly folder?: string;
  /** Every model was replaced by the mock one, and stays so when the run is resumed. */
  readonly mocked?: boolean;
  /** What it takes beside the slots of its flow: its schedule's. */
  readonly slots?: readonly { readonly key: string; readonly limit: number }[];
  /** Hash of what was asked for under its idempotency key: another request under the same key is a mistake. */
  readonly request?: string;
  /** The run that it was made of, up to which event. */
  readonly forkedFrom?: { readonly run: string; readonly seq: number };
  /** What calls of that run have given, by path: a call that is given the same here has finished, too. */
  readonly kept?: { readonly [path: string]: KeptCall };
  /**
   * Which limits of flows hold for all runs together, also where a flow is called: `shared`: `rate`; `all`: `rate` and `concurrency`;
   * absent: none, they hold for the calls of this run.
   */
  readonly limits?: "shared" | "all";
}

export interface KeptCall {
  readonly value: Json;
  /** Hash of who was called, and with what. */
  readonly deed: string;
}

/** The run was admitted: nobody else runs with its keys, and its states have been read. */
export interface RunStarted {
  readonly kind: "run.started";
  readonly states: readonly StateReading[];
}

/** One `state` of a flow as the store had it. */
export interface StateReading {
  readonly name: string;
  /** Value of `per`. */
  readonly key: string;
  /** Null when nothing is stored yet. */
  readonly stored: { readonly value: Json; readonly atMs: number } | null;
}

/** A new owner took the run over while activities were in flight: what became of them is unknown. */
export interface RunInterrupted {
  readonly kind: "run.interrupted";
  readonly epoch: number;
}

/** Nothing new starts until `run.resumed`; what is in flight finishes. */
export interface RunPaused {
  readonly kind: "run.paused";
}

export interface RunResumed {
  readonly kind: "run.resumed";
}

/** The first cancels the run; a second one also stops the flow's `fallback`. */
export interface RunCancelRequested {
  readonly kind: "run.cancel-requested";
  readonly reason: string;
}

/**
 * An ended run starts again. What succeeded in it and was not undone is taken over by path, the rest
 * is done anew; with another plan, by the paths of that plan.
 */
export interface RunRetried {
  readonly kind: "run.retried";
  readonly planHash: string;
  /** Only this is done again, and what depends on it; absent: everything that failed. */
  readonly redo?: Redo;
  /** Compensations that were parked: they are done again before anything else. */
  readonly parked?: readonly string[];
  /** Of the plan it goes on with; absent: as before. */
  readonly limits?: RunCreated["limits"];
}

/**
 * - item: one item of a `for`; what was finished is done again only if it is given something else now
 * - undo: one compensation that was parked; the run then ends as it did before
 *
 * `input` replaces the item, or the arguments of the compensation.
 */
export interface Redo {
  readonly kind: "item" | "undo";
  readonly path: string;
  readonly input?: Json;
}

/** The last event, unless the run is retried. */
export interface RunEnded {
  readonly kind: "run.ended";
  readonly status: "succeeded" | "failed" | "cancelled";
  /** Value of the flow; null unless it succeeded or its `fallback` answered. */
  readonly output: Json;
  readonly error: ErrorValue | null;
}

/** The language's `Error`. */
export interface ErrorValue {
  readonly code: string;
  readonly message: string;
  /** Static path of the step that failed, the flow's name when it was no step. */
  readonly step: string;
  readonly attempts: number;
}

/**
 * - model: one request to a model · tool: one call of a tool · stub: one call answered by a test
 * - person: a task for a human, ended by `person.answered` · receive: a wait, ended by `event.received`
 * - emit: an event published · cache: a look-up in the cache · state: the states of an inner flow are read
 * - turn: a flow asks when its `rate` lets it begin · slot: a called flow waits for a place among all that run
 */
export type ActivityKind =
  | "model"
  | "tool"
  | "stub"
  | "person"
  | "receive"
  | "emit"
  | "cache"
  | "state"
  | "turn"
  | "slot";

/** Durable before the work begins. */
export interface ActivityStarted {
  readonly kind: "activity.started";
  /** Activity path: see `docs/runner.md`. Unique in the run. */
  readonly path: string;
  /** From 1. The same number again after `run.interrupted`. */
  readonly attempt: number;
  readonly activity: ActivityKind;
  /** Agent, tool or stubbed callable; the topic of `emit` and `receive`. */
  readonly callee: string;
  /** The model that is asked. */
  readonly model?: string;
}

export interface Spending {
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Dollars, with at most six decimals. */
  readonly cost: number;
}

export interface ActivitySucceeded {
  readonly kind: "activity.succeeded";
  readonly path: string;
  readonly attempt: number;
  /**
   * tool, stub: the answer as received · model: a `ModelAnswer` · emit: null · cache: `{ hit: true, value }`
   * or `{ hit: false }` · state: list of `StateReading` · turn: `{ atMs }` · slot: null.
   */
  readonly output: Json;
  readonly spent?: Spending;
}

export interface ActivityFailed {
  readonly kind: "activity.failed";
  readonly path: string;
  readonly attempt: number;
  readonly code: string;
  readonly message: string;
  /** The other side asked not to be called again for so long. */
  readonly retryAfterMs?: number;
  readonly spent?: Spending;
}

/** What a model answered: final text, or tool calls. */
export interface ModelAnswer {
  readonly text: string;
  /** The answer as JSON, when a schema was asked for and the text is JSON. */
  readonly value?: Json;
  readonly calls: readonly ModelCall[];
  /** What the provider needs back unchanged in the next turn. */
  readonly opaque?: Json;
}

export interface ModelCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: Json;
}

/** Timers belong to a place: a step, an activity that waits for its next attempt, or a flow. */
export type TimerKind = "sleep" | "backoff" | "timeout" | "budget" | "pause" | "rate" | "remind";

export interface TimerFired {
  readonly kind: "timer.fired";
  readonly path: string;
  readonly timer: TimerKind;
  /** Tells a timer from an earlier one at the same place. */
  readonly dueMs: number;
}

export interface PersonAnswered {
  readonly kind: "person.answered";
  readonly path: string;
  readonly value: Json;
  /** Who, as far as known. */
  readonly by?: string;
}

export interface EventReceived {
  readonly kind: "event.received";
  readonly path: string;
  readonly event: ReceivedEvent;
}

export interface ReceivedEvent {
  readonly id: string;
  readonly topic: string;
  /** RFC 3339 in UTC with milliseconds. */
  readonly time: string;
  readonly data: Json;
}
