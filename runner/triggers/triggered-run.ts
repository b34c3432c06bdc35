import type { Json } from "../../plan/expression.ts";
import type { TriggerPlan } from "../../plan/plan.ts";
import type { NewRun, Slot } from "../ports/new-run.ts";
import type { Deployed } from "./deployed.ts";

/** A run that a trigger asks for. */
export interface TriggeredRun {
  readonly deployed: Deployed;
  readonly flow: string;
  readonly input: { readonly [param: string]: Json };
  /** For the history: what started it. */
  readonly trigger: Json;
  readonly idempotencyKey: string | null;
  readonly overlap: TriggerPlan["overlap"];
  /** Beside those of its flow. */
  readonly slots: readonly Slot[];
}

/** Values of `config` without the secret ones, as a run of the flow would see them. */
export type ConfigOf = (
  deployed: Deployed,
  flow: string,
) => Promise<{ readonly [name: string]: Json }>;

export interface TriggerRefusal {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}

/** Checks the input and gives the run to be created, or says why there can be none. */
export type PrepareRun = (
  request: TriggeredRun,
) => Promise<{ readonly ok: true; readonly run: NewRun } | TriggerRefusal>;
