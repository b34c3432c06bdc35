import type { FileValue, Json, SchemaReference } from "../../plan/expression.ts";
import type { ModelCall } from "../../plan/history.ts";
import type { RatePlan } from "../../plan/plan.ts";
import type { StubPlan } from "../../plan/test-plan.ts";

/**
 * One piece of work that the engine wants done outside of it. The worker journals `activity.started`, makes
 * that durable, does the work and journals the outcome; a person's answer and an awaited event come
 * in as events of their own.
 */
export type Activity =
  | ModelActivity
  | ToolActivity
  | StubActivity
  | PersonActivity
  | ReceiveActivity
  | EmitActivity
  | CacheActivity
  | StateActivity
  | TurnActivity
  | SlotActivity;

interface ActivityPlace {
  /** Unique in the run: `triage.sentiment@1`, `team.solutions[api].accepted#2.review@1`, `order.paid!undo`. */
  readonly path: string;
  /** From 1; goes up with each try, not with a restart after a crash. */
  readonly attempt: number;
  /** Agent, tool or stubbed callable; the topic of `emit` and `receive`. */
  readonly callee: string;
  /** Of one attempt; the worker ends it with `timeout`. Null: no limit, or the engine keeps the timer itself. */
  readonly timeoutMs: number | null;
}

export interface ModelActivity extends ActivityPlace {
  readonly kind: "model";
  /** Name in the plan. */
  readonly model: string;
  readonly system: string | null;
  readonly messages: readonly ConversationMessage[];
  readonly tools: readonly OfferedTool[];
  /** Null for plain text. */
  readonly output: SchemaReference | null;
  readonly maxOutputTokens: number | null;
  /** Idempotency key: the same on every attempt and restart. */
  readonly key: string;
}

export type ConversationMessage =
  | { readonly role: "user"; readonly text: string; readonly files?: readonly FileValue[] }
  | {
      readonly role: "assistant";
      readonly text: string;
      readonly calls?: readonly ModelCall[];
      readonly opaque?: Json;
    }
  | {
      readonly role: "tool";
      readonly callId: string;
      readonly name: string;
      readonly text: string;
    };

/** A tool as the model sees it. A handoff takes no arguments: its `input` is null. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  readonly input: SchemaReference | null;
}

export interface ToolActivity extends ActivityPlace {
  readonly kind: "tool";
  readonly tool: string;
  readonly arguments: { readonly [param: string]: Json };
  readonly key: string;
}

export interface StubActivity extends ActivityPlace {
  readonly kind: "stub";
  readonly arguments: { readonly [param: string]: Json };
  /** What this call gives: a `value` or a `fail`. */
  readonly answer: Extract<StubPlan, { readonly kind: "value" | "fail" }>;
  readonly delayMs: number;
  /** Dollars; reserved already. */
  readonly cost: number;
}

export interface PersonActivity extends ActivityPlace {
  readonly kind: "person";
  readonly agent: string;
  /** Its `channel`, `assignees` and `remindMs` say whom to ask. */
  readonly model: string;
  readonly question: string;
  readonly schema: SchemaReference;
  readonly dueAtMs: number | null;
  /** Why the last answer was not accepted. */
  readonly problem: string | null;
}

export interface ReceiveActivity extends ActivityPlace {
  readonly kind: "receive";
  readonly topic: string;
}

/** Published in the same transaction as its `activity.succeeded`. */
export interface EmitActivity extends ActivityPlace {
  readonly kind: "emit";
  readonly topic: string;
  readonly data: Json;
  /** Id of the event: publishing it twice delivers it once. */
  readonly key: string;
}

export interface CacheActivity extends ActivityPlace {
  readonly kind: "cache";
  /** Hash of the callee's meaning and the arguments. */
  readonly key: string;
  /** Null: only a call with equal arguments will do. */
  readonly near: NearCalls | null;
}

/** Which other calls have answers that will do. */
export interface NearCalls {
  /** Hash of all that has to be equal: the callee's meaning, and the arguments that are no texts. */
  readonly group: string;
  /** The arguments that are texts. */
  readonly text: string;
  /** Least cosine. */
  readonly similarity: number;
  /** Model that places texts; null: the standard one of the provider of `modelOfAgent`. */
  readonly model: string | null;
  readonly modelOfAgent: string | null;
  readonly ttlMs: number;
}

export interface StateActivity extends ActivityPlace {
  readonly kind: "state";
  readonly states: readonly {
    readonly flow: string;
    readonly name: string;
    readonly was?: string;
    readonly key: string;
  }[];
}

/** Answered with the time at which the flow may begin. */
export interface TurnActivity extends ActivityPlace {
  readonly kind: "turn";
  /** Shared by all that begin under this rate. */
  readonly key: string;
  readonly rate: RatePlan;
}

/** Over when the store has given the call its slot. */
export interface SlotActivity extends ActivityPlace {
  readonly kind: "slot";
  readonly key: string;
  readonly limit: number;
}
