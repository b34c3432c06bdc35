import type { Json } from "../../plan/expression.ts";
import type { ErrorValue } from "../../plan/history.ts";

/**
 * What follows from an event besides new activities. Effects that are stored go into the same
 * transaction as the event they follow from, so after a fold of a stored history all of them have
 * already happened.
 */
export type Effect =
  | AbortEffect
  | WithdrawEffect
  | AskAgainEffect
  | RemindEffect
  | RememberEffect
  | DeadLetterEffect
  | LetterSettledEffect
  | StoreStateEffect
  | ContinueEffect
  | LeaveSlotEffect;

/** Stop this activity and journal how it ended; `cancelled` if nothing else is known. Not stored. */
export interface AbortEffect {
  readonly kind: "abort";
  readonly path: string;
  readonly attempt: number;
}

/** The answer of a person or an awaited event is there, or no longer wanted. */
export interface WithdrawEffect {
  readonly kind: "withdraw";
  readonly path: string;
}

/** A person's answer did not fit. The question stays open. */
export interface AskAgainEffect {
  readonly kind: "ask-again";
  readonly path: string;
  readonly problem: string;
}

/** A person has not answered for a while. The event that says so is the firing of the timer. Not stored. */
export interface RemindEffect {
  readonly kind: "remind";
  readonly path: string;
}

export interface RememberEffect {
  readonly kind: "remember";
  readonly key: string;
  readonly value: Json;
  readonly ttlMs: number;
}

export interface DeadLetterEffect {
  readonly kind: "dead-letter";
  readonly queue: string;
  /** Path of the item or the `undo` that failed; null when the whole run is kept. */
  readonly path: string | null;
  readonly input: Json;
  readonly errors: readonly ErrorValue[];
}

/** What was kept as a dead letter at this path has succeeded meanwhile. Not stored: closing it twice changes nothing. */
export interface LetterSettledEffect {
  readonly kind: "letter-settled";
  readonly path: string;
}

export interface StoreStateEffect {
  readonly kind: "store-state";
  readonly flow: string;
  readonly name: string;
  readonly key: string;
  readonly value: Json;
}

/** Start the flow again, on the newest plan, when the run has ended. */
export interface ContinueEffect {
  readonly kind: "continue";
  /** Id of the flow in which the `continue` stands. */
  readonly flow: string;
  readonly input: { readonly [param: string]: Json };
  readonly pauseMs: number;
  readonly continuation: number;
}

/** A called flow has ended: it needs its slot no more, or has no use for the one it waits for. */
export interface LeaveSlotEffect {
  readonly kind: "leave-slot";
  readonly path: string;
}
