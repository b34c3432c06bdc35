import type { Json } from "../../plan/expression.ts";
import type { RunCreated, RunEvent } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import type { EngineProgram } from "../engine/code.ts";
import type { RunMachine } from "../engine/machine.ts";
import type { Clock } from "../ports/clock.ts";
import type { NewRun } from "../ports/new-run.ts";
import type { Store, StoredTask } from "../ports/store.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { RunActivity } from "../steps/run-activity.ts";
import type { EndedRun } from "./ended-run.ts";
import type { Limits } from "./limits.ts";

/** A plan made ready for its runs, once per process. */
export interface LoadedProgram {
  readonly plan: Plan;
  readonly code: EngineProgram;
  readonly runActivity: RunActivity;
}

/** What the owners of runs need from the process around them. */
export interface WorkerHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly limits: Limits;
  readonly newId: () => string;
  compile(planHash: string): Promise<EngineProgram>;
  load(run: { readonly planHash: string; readonly created: RunCreated }): Promise<LoadedProgram>;
  /** The run that `continue` starts, on the newest plan of its flow. */
  nextRun(from: {
    readonly created: RunCreated;
    readonly planHash: string;
    readonly flow: string;
    readonly input: { readonly [param: string]: Json };
    readonly continuation: number;
    readonly notBeforeMs: number | null;
    readonly atMs: number;
  }): Promise<NewRun>;
  /** Events that have become durable, with so many dead letters. */
  appended(
    run: string,
    events: readonly RunEvent[],
    machine: RunMachine,
    deadLetters: number,
  ): void;
  /** The run stands: it has ended, waits, or is not admitted yet. */
  settled(run: string, ended?: EndedRun): void;
  /** Somebody has to be asked, or need not be asked any more. */
  asked(task: StoredTask): void;
  withdrawn(run: string, path: string): void;
  /** Somebody who was asked has not answered for a while. */
  reminded(run: string, path: string): void;
  /** Other runs have something to do. */
  notify(run: string): void;
  /** Slots may be free: somebody who queued for one can be admitted. */
  slotsFreed(): void;
}
