import type { Json } from "../../plan/expression.ts";
import type { JsonSchema } from "../../plan/plan.ts";

export interface Question {
  readonly run: string;
  readonly path: string;
  readonly agent: string;
  readonly text: string;
  readonly schema: JsonSchema;
  readonly channel: string | null;
  readonly assignees: readonly string[];
  /** Why the last answer was not accepted. */
  readonly problem: string | null;
}

/**
 * A place where somebody can be asked at once, such as the terminal. The task is kept in the store
 * whatever happens here: `undefined` leaves it for an answer that comes later by another way.
 */
export interface People {
  ask(question: Question, signal: AbortSignal): Promise<Json | undefined>;
  /** The question is still open: somebody wanted to be told, by `remind`. */
  remind?(question: Question): void;
}
