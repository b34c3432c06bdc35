import type { Json } from "../../plan/expression.ts";
import type { ErrorValue, ModelCall } from "../../plan/history.ts";
import type { ConversationMessage } from "./activity.ts";

/** What a step that is under way knows, by kind of action. */
export type ActState = CallState | AgentState | ForState | RepeatState;

export type Args = { readonly [param: string]: Json };

export interface Resolved {
  readonly kind: "agent" | "tool" | "flow";
  readonly name: string;
}

interface CallBase {
  readonly args: Args;
  /** Null for `fail`, `sleep`, `receive`, `emit`, `continue`. */
  callee: Resolved | null;
  /** Tries under the callee's own policy since the call's policy last began one. */
  innerTries: number;
  outerTries: number;
  /** Of one try, in milliseconds; null: no limit. */
  limitMs: number | null;
  /** How long the other side asked not to be called, when it last failed. */
  retryAfterMs: number;
  /** Key of the call in the cache, null without `cache`. */
  cacheKey: string | null;
  /** Counted as load of its callee. */
  loaded: boolean;
}

export interface CallState extends CallBase {
  readonly kind: "call";
  /** Position in the sequence of a stub. */
  stubIndex: number;
}

/** A call of an agent: a conversation of requests, tool calls, one repair per leg, handoffs. */
export interface AgentState extends CallBase {
  readonly kind: "agent";
  /** Who has the conversation now. */
  agent: string;
  readonly base: string;
  system: string | null;
  messages: ConversationMessage[];
  /** Of the prompt, for `memory`. */
  prompt: string;
  /** Requests made so far, over all legs: number of the next one's path. */
  requests: number;
  /** Of this leg: requests plus further tool calls. */
  turns: number;
  repaired: boolean;
  /** Arrows used: `frontDesk>billing`. */
  arrows: string[];
  calls: PendingCall[];
  /** How often each tool was called with each arguments in this try. */
  deeds: Record<string, number>;
  /** Which of the model and its backups is asked, and how often it was. */
  modelIndex: number;
  modelTries: number;
  requestAttempt: number;
}

export interface PendingCall {
  readonly call: ModelCall;
  readonly path: string;
  /** Arguments of the callee, once they have been decoded. */
  args: Args | null;
  phase: "confirm" | "call" | "done";
  /** What the model is told. */
  result: string;
}

export interface ForState {
  readonly kind: "for";
  readonly items: readonly Json[];
  readonly keys: readonly string[] | null;
  readonly concurrency: number;
  /** Failures that are accepted; null: the first one fails the step. */
  readonly allowed: number | null;
  /** Value by position; null until it is there. */
  readonly results: Json[];
  /** Positions of items that have failed, with their errors. */
  readonly failed: [number, ErrorValue][];
  /** Positions of items to start, beginning at `head`. Empty with `graph` null: all, in order. */
  readonly graph: ItemGraph | null;
  head: number;
  running: number;
  done: number;
  /** Times of the latest starts, for `rate`. */
  starts: number[];
}

export interface ItemGraph {
  readonly ready: number[];
  readonly needs: Arrows;
  /** How many needed items are not done, by position; -1: settled or failed already. */
  readonly unmet: number[];
  readonly dependents: Arrows;
}

/** From items to others, in two lists instead of one for each item: those of an item stand from its start to the start of the next. */
export interface Arrows {
  readonly starts: readonly number[];
  readonly targets: readonly number[];
}

export interface RepeatState {
  readonly kind: "repeat";
  readonly maxRounds: number;
  round: number;
  last: Json;
}
