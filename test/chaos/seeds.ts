import type { ChaosOptions } from "./options.ts";

/** Chaos that has found something once. */
export interface Seed {
  /** What it found. */
  readonly found: string;
  readonly options: ChaosOptions;
}

export const seeds: readonly Seed[] = [];
