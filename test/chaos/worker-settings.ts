/** What a worker process is told on its command line, as JSON. */
export interface WorkerSettings {
  readonly name: string;
  /** URL of the built runner. */
  readonly runner: string;
  readonly store: string;
  readonly redis: string | null;
  readonly ledger: string;
  readonly folder: string;
  /** Runs at once. */
  readonly concurrency: number;
}

/** By how many milliseconds a worker's clock is wrong at its start; afterwards it is told by messages. */
export const clockVariable = "AGENTFLOW_CHAOS_CLOCK_OFFSET_MS";

export interface ClockMessage {
  readonly clockOffsetMs: number;
}
