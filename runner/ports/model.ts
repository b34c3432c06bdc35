import type { FileValue, Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import type { CallFailure, Usage } from "./call-outcome.ts";

/** Whom to ask. `apiKey` is a secret: it reaches the provider and nothing else. */
export interface ModelTarget {
  /** Name in the plan. */
  readonly name: string;
  readonly provider: string;
  /** The provider's id. */
  readonly model: string;
  readonly apiKey?: string;
  readonly baseUrl?: string;
  readonly temperature?: number;
  /** Merged into the provider's request as it is. */
  readonly options?: Json;
}

export interface ModelToolCall {
  readonly id: string;
  readonly name: string;
  /** Parsed arguments; a string when they were not JSON, for the caller to refuse. */
  readonly arguments: Json;
}

export type ModelMessage =
  | { readonly role: "user"; readonly text: string; readonly files?: readonly FileValue[] }
  | {
      readonly role: "assistant";
      readonly text: string;
      readonly calls?: readonly ModelToolCall[];
      /** What the provider needs back unchanged in the next turn, such as reasoning items. */
      readonly opaque?: Json;
    }
  | {
      readonly role: "tool";
      readonly callId: string;
      readonly name: string;
      readonly text: string;
    };

export interface ModelTool {
  readonly name: string;
  readonly description: string;
  readonly input: JsonSchema;
}

export interface ModelRequest {
  readonly target: ModelTarget;
  /** Name of the agent that asks. */
  readonly agent: string;
  readonly system: string | null;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ModelTool[];
  /** Schema of the answer; null for plain text. */
  readonly output: JsonSchema | null;
  readonly maxOutputTokens: number | null;
  readonly run: string;
  /** Step path: with `run`, the same on every attempt. */
  readonly path: string;
}

/**
 * An answer or one failure code, never both: an answer that was cut off, filtered or refused is a
 * failure even if its text parses.
 */
export type ModelReply =
  | {
      readonly ok: true;
      readonly text: string;
      /** The answer as JSON when a schema was asked for; undefined when the text is not JSON or calls come first. */
      readonly value?: Json;
      readonly calls: readonly ModelToolCall[];
      readonly opaque?: Json;
      readonly usage: Usage;
    }
  | CallFailure;

/** Asks where a text lies among all texts. */
export interface EmbeddingRequest {
  readonly target: ModelTarget;
  readonly text: string;
  readonly run: string;
  readonly path: string;
}

export type EmbeddingReply =
  | {
      readonly ok: true;
      /** A direction: texts that say similar things point the same way. */
      readonly vector: readonly number[];
      readonly usage: Usage;
    }
  | CallFailure;

/**
 * One provider. A request is made at most once: retries, back-ups, prices and limits belong to the
 * caller, who journals each attempt. Aborting `signal` ends the request and gives `cancelled`.
 */
export interface ModelProvider {
  ask(request: ModelRequest, signal: AbortSignal): Promise<ModelReply>;
  embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingReply>;
}
