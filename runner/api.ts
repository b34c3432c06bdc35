/**
 * What a user of the runner can do: the interface that `openRunner` gives (`runner/index.ts`) and
 * that the command line, the server and the test runner use. Times are milliseconds since 1970.
 */

import type { Json } from "../plan/expression.ts";
import type { RunEvent } from "../plan/history.ts";
import type { Plan } from "../plan/plan.ts";
import type { Wait } from "../plan/wait.ts";

export type RunStatus =
  | "queued"
  | "running"
  | "waiting"
  | "paused"
  | "succeeded"
  | "failed"
  | "cancelled";

export interface RunError {
  readonly code: string;
  readonly message: string;
  /** Static path of the step that failed. */
  readonly step: string | null;
  readonly attempts: number;
}

export interface RunSummary {
  readonly id: string;
  readonly flow: string;
  readonly planHash: string;
  readonly status: RunStatus;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** Why an unfinished run waits: timer, person, event, key, lease … in words. */
  readonly waitsFor: string | null;
  /** The same for programs; empty when there is no more than the words. */
  readonly waits: readonly Wait[];
  /** When a timer moves an unfinished run; null when only a person, an event or an owner does. */
  readonly wakesAtMs: number | null;
  readonly error: RunError | null;
  /** Dollars. */
  readonly cost: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

export interface RunDetail extends RunSummary {
  readonly input: Json;
  readonly output: Json;
  readonly steps: readonly StepView[];
  /** So many steps of items and rounds that have succeeded are not among them: the oldest of very many. */
  readonly stepsLeftOut?: number;
}

export type StepStatus =
  | "pending"
  | "running"
  | "waiting"
  | "retrying"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "skipped"
  | "undone";

/** One step instance, in order of start: what the live tree and `runs show` print. */
export interface StepView {
  readonly path: string;
  readonly kind: string;
  readonly callee: string | null;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly cost: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly error: RunError | null;
  /** For loops and fan-outs: how far. */
  readonly progress: {
    readonly done: number;
    readonly failed: number;
    readonly total: number | null;
  } | null;
}

export interface HumanTask {
  readonly run: string;
  readonly path: string;
  readonly agent: string;
  readonly question: string;
  /** JSON Schema of the answer. */
  readonly schema: { readonly [key: string]: Json };
  readonly askedAtMs: number;
  readonly dueAtMs: number | null;
  readonly channel: string | null;
  readonly assignees: readonly string[];
}

export interface DeadLetter {
  readonly id: string;
  readonly run: string;
  readonly flow: string;
  /** Queue name given by `deadLetter`, or the flow's name. */
  readonly queue: string;
  /** Path of the item or step, null when the whole run is kept. */
  readonly path: string | null;
  readonly input: Json;
  readonly errors: readonly RunError[];
  readonly atMs: number;
  readonly status: "open" | "retried" | "discarded";
}

/** What a list of them holds: inputs may be large. */
export type DeadLetterHead = Omit<DeadLetter, "input">;

export interface StartOptions {
  readonly plan: Plan;
  /** Id of a flow in the plan. */
  readonly flow: string;
  readonly input: { readonly [param: string]: Json };
  readonly idempotencyKey?: string;
  readonly environment?: string;
  readonly trigger?: Json;
  /** Whom the run shares its turns with, such as a tenant: nobody's runs wait behind all those of another. Its flow unless told. */
  readonly fairnessKey?: string;
  /** What to do when the flow's `concurrency` has no free slot; `queue` unless told. A skipped start is refused as `conflict`. */
  readonly overlap?: "queue" | "skip" | "replace";
}

export interface ForkOptions {
  /** What is finished when this step is, is taken over; everything that is finished unless told. */
  readonly after?: string;
  /** Parameters that are given anew; the others stay as they were. */
  readonly input?: { readonly [param: string]: Json };
  /** The plan of the run unless told. */
  readonly plan?: Plan;
  readonly idempotencyKey?: string;
}

export type Refusal = {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  readonly problems?: readonly { readonly path: string; readonly message: string }[];
};
export type Outcome<T> = ({ readonly ok: true } & T) | Refusal;

export interface Runner {
  start(options: StartOptions): Promise<Outcome<{ run: string; existing: boolean }>>;
  /** Resolves when the run has ended, or can't go on without a person, an event, or a timer that `untilWaiting` does not wait for. */
  wait(
    run: string,
    options?: { readonly untilWaiting?: boolean; readonly signal?: AbortSignal },
  ): Promise<RunSummary>;
  /** Takes up every run in the store that can go on; gives their ids. */
  recover(): Promise<readonly string[]>;
  resume(run: string): Promise<Outcome<{ status: RunStatus }>>;
  retry(
    run: string,
    options?: { readonly upgradeTo?: Plan },
  ): Promise<Outcome<{ status: RunStatus }>>;
  /**
   * Starts a new run of what another one has done so far, whether that goes on or has ended. What the other has finished keeps its
   * value as long as it is given the same; its compensations stay the other's.
   */
  fork(run: string, options?: ForkOptions): Promise<Outcome<{ run: string; existing: boolean }>>;
  cancel(run: string, reason?: string): Promise<Outcome<{ status: RunStatus }>>;
  answer(run: string, path: string, value: Json): Promise<Outcome<object>>;
  /** Throws `ValueTooLarge` for more than `maxValueBytes`. Publishes an event to runs that wait (`receive`) and, for files being served, to `on event` triggers. */
  emit(event: {
    readonly topic: string;
    readonly data: Json;
    readonly id?: string;
  }): Promise<{ delivered: number }>;
  /** A plan that a run of this store has, by its hash. */
  plan(planHash: string): Promise<Plan | null>;
  list(filter?: {
    readonly status?: readonly RunStatus[];
    readonly flow?: string;
    readonly limit?: number;
    readonly before?: string;
  }): Promise<readonly RunSummary[]>;
  show(run: string): Promise<RunDetail | null>;
  /** At most `limit`, all unless told: a history may be larger than memory. */
  events(run: string, afterSeq?: number, limit?: number): Promise<readonly RunEvent[]>;
  /** Calls back after each batch of events that became durable. Returns the way to stop. */
  watch(run: string, listener: (events: readonly RunEvent[]) => void): () => void;
  /** Open questions, of a run or of all. In pages: those after the last one of the page before. */
  tasks(
    run?: string,
    page?: {
      readonly after?: Pick<HumanTask, "run" | "path">;
      readonly limit: number;
    },
  ): Promise<readonly HumanTask[]>;
  readonly deadLetters: {
    /** By their ids; all unless told, or those after an id, at most `limit`. */
    list(filter?: {
      readonly queue?: string;
      readonly status?: DeadLetter["status"];
      readonly run?: string;
      readonly after?: string;
      readonly limit?: number;
    }): Promise<readonly DeadLetterHead[]>;
    show(id: string): Promise<DeadLetter | null>;
    retry(id: string, input?: Json): Promise<Outcome<{ run: string }>>;
    discard(id: string, reason: string): Promise<Outcome<object>>;
  };
  /** Throws `ValueTooLarge` for more than `maxValueBytes`. Stores bytes and gives the value of type `file` that stands for them. */
  storeFile(file: {
    readonly name: string;
    readonly mime: string;
    readonly bytes: Uint8Array;
  }): Promise<Json>;
  /** Stops claiming, journals what finished, gives its runs back, closes the store. `graceMs` defaults to 30,000. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}
