import type { RunCreated } from "../../plan/history.ts";
import type { RunMachine } from "../engine/machine.ts";
import type { LoadedProgram, WorkerHost } from "./worker-host.ts";

/** A run that has nothing to do for longer than this is given back, and takes no memory. */
export const keepHotMs = 1_000;

/** `yielded`: it has something to do at once, which others may go on with. `stalled`: the store is out of reach. */
export type OwnerEnd = "released" | "yielded" | "ended" | "fenced" | "broken" | "stalled";

/** The newest snapshot of a run: how many events it holds, and what it cost to make. */
export interface SnapshotMark {
  readonly seq: number;
  readonly weight: number;
}

export interface RunOwnerOptions {
  readonly machine: RunMachine;
  readonly program: LoadedProgram;
  readonly epoch: number;
  readonly created: RunCreated;
  readonly snapshot: SnapshotMark | null;
  /** Something may have come for it before it was claimed. */
  readonly inboxDirty: boolean;
  readonly host: WorkerHost;
  /** Processes in a row that have ended while they had it, as far as that is written down. */
  readonly crashes: number;
  /** The longest that one of them has lasted with it, in milliseconds. */
  readonly lastedMs: number;
  readonly onEnd: (end: OwnerEnd, error?: unknown) => void;
  /** It was suspect, and is no more. */
  readonly onCleared: () => void;
  /** Renews the lease of this process. */
  readonly renew: () => Promise<void>;
  /** Whether the run has had its turn, after so many events here, and should make room for others. */
  readonly mayYield?: ((events: number) => boolean) | undefined;
}
