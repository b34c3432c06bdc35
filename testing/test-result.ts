import type { Json } from "../plan/expression.ts";
import type { ErrorValue, RunEvent, Spending } from "../plan/history.ts";

/** What became of one `test` block. */
export interface TestResult {
  readonly title: string;
  readonly file: string;
  /** Where the test begins, from 1. */
  readonly line: number;
  readonly passed: boolean;
  readonly failures: readonly TestFailure[];
  readonly runs: readonly TestRun[];
  /** How much virtual time went by, in milliseconds. */
  readonly virtualMs: number;
}

export interface TestFailure {
  /** Line of the `expect` or of the step. */
  readonly line: number;
  /** The condition as written; null when a step went wrong by itself. */
  readonly text: string | null;
  /** What is wrong, in words. */
  readonly message: string;
  readonly expected?: Json;
  readonly got?: Json;
}

/** One run that a step of the test started. */
export interface TestRun {
  /** Name of the test's step. */
  readonly name: string;
  /** Id of the flow. */
  readonly flow: string;
  readonly status: "succeeded" | "failed" | "cancelled" | "stuck";
  readonly output: Json;
  readonly error: ErrorValue | null;
  readonly spent: Spending;
  readonly events: readonly RunEvent[];
}
