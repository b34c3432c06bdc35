import type { RunEvent } from "../../plan/history.ts";

export interface NewRun {
  readonly run: string;
  readonly planHash: string;
  readonly flow: string;
  readonly idempotencyKey: string | null;
  /** 10 critical, 7, 5, 3, 1 background. */
  readonly priority: number;
  readonly wakeAtMs: number | null;
  /** The `run.created` event. */
  readonly events: readonly RunEvent[];
  /** What it takes when it is admitted. It stands in line for them from its creation on, so that runs of one key go in that order. */
  readonly slots?: readonly Slot[];
  /** Whom it shares its turns with, such as a tenant; its flow unless told. */
  readonly fairnessKey?: string;
  /** What happens when not all of `keys`, which are among its slots, are free; it queues unless told. */
  readonly overlap?: Overlap;
}

/** At most `limit` runs hold `key` at once. */
export interface Slot {
  readonly key: string;
  readonly limit: number;
}

export type Overlap =
  | { readonly kind: "skip"; readonly keys: readonly string[] }
  /** Those that hold or wait for one of the keys get a request to cancel, with an id of their own. */
  | {
      readonly kind: "replace";
      readonly keys: readonly string[];
      readonly cancel: { readonly id: string; readonly atMs: number; readonly reason: string };
    };

export interface CreatedRun {
  readonly run: string;
  /** The key has this run already. */
  readonly existing: boolean;
  /** It was not created, because of its `overlap`. */
  readonly skipped?: true;
}
