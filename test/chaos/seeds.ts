import type { ChaosOptions } from "./options.ts";

/** Chaos that has found something once. */
export interface Seed {
  /** What it found. */
  readonly found: string;
  readonly options: ChaosOptions;
}

export const seeds: readonly Seed[] = [
  {
    found: "after a full disk, runs stood still for as long as the process that owned them lived",
    options: {
      seed: 2,
      forMs: 6_000,
      faults: ["disk-full"],
      workers: 2,
      transport: "redis",
      perSecond: 10,
    },
  },
  {
    found: "runs that were with a poisoned one when it took processes down were paused with it",
    options: {
      seed: 4_711,
      forMs: 8_000,
      faults: ["poison"],
      workers: 3,
      transport: "file",
      perSecond: 6,
    },
  },
  {
    found: "a worker that was told to end on a full disk crashed while it closed",
    options: {
      seed: 2,
      forMs: 7_000,
      faults: ["rolling-restart", "disk-full"],
      workers: 2,
      transport: "file",
      perSecond: 4,
    },
  },
];
