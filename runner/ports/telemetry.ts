import type { RunEvent } from "../../plan/history.ts";

/** Something worth telling an operator; never holds a secret or a run's payload. */
export interface LogRecord {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields?: { readonly [name: string]: string | number | boolean | null };
}

export interface Telemetry {
  log(record: LogRecord): void;
  /** Events that this process has made durable, to be counted and timed. */
  appended?(batch: AppendedEvents): void;
  /** The store has made so many writes durable at once. */
  flushed?(writes: number): void;
}

export interface AppendedEvents {
  readonly run: string;
  readonly flow: string;
  readonly events: readonly RunEvent[];
  /** How many dead letters came with them. */
  readonly deadLetters: number;
}
