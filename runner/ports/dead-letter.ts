import type { Json } from "../../plan/expression.ts";
import type { ErrorValue } from "../../plan/history.ts";

/** What could not succeed, kept with its input and every error until somebody has retried or discarded it. */
export interface DeadLetter {
  readonly id: string;
  /** Empty when no run could be started. */
  readonly run: string;
  readonly flow: string;
  readonly queue: string;
  readonly path: string | null;
  readonly input: Json;
  readonly errors: readonly ErrorValue[];
  readonly atMs: number;
  readonly status: "open" | "retried" | "discarded";
  readonly reason?: string;
}

/** What a list of them holds: inputs may be large. */
export type DeadLetterHead = Omit<DeadLetter, "input">;
