import type { Clock } from "./ports/clock.ts";
import type { People } from "./ports/people.ts";
import type { Random } from "./ports/random.ts";
import type { Store } from "./ports/store.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import type { ModulePort } from "./ports/tool.ts";
import type { Transport } from "./ports/transport.ts";
import type { Retention } from "./retention-duty.ts";
import type { RedisSettings } from "./queue/redis-settings.ts";

export interface RunnerOptions {
  /**
   * Path of the store, made if it does not exist, or URL of a PostgreSQL database that `agentflow db migrate` has prepared
   * (`postgres://…`); null keeps runs in memory only. Another store can be given as it is.
   */
  readonly store: string | null | Store;
  /** Environment variables: values of `config`, `OPENAI_API_KEY`, `OPENAI_BASE_URL`. */
  readonly variables: { readonly [name: string]: string | undefined };
  /** Folder of the entry file of programs that are started, where the paths of modules start; absolute. */
  readonly folder: string;
  /** The real models unless told. A run that was started with the mock model keeps it. */
  readonly models?: { readonly kind: "real" } | ({ readonly kind: "mock" } & MockModels);
  /** Whom to ask at once, such as the terminal. Without it, questions wait in the store for `answer`. */
  readonly people?: People;
  /** Goes on with any run in the store that nobody owns, not only with those started or resumed here. */
  readonly takeOver?: boolean;
  /**
   * What this process does: "own" goes on with runs started or resumed here; "all" with any run, as `takeOver`; "none"
   * with none, so that it starts runs and others do the work.
   */
  readonly work?: "none" | "own" | "all";
  /** How processes that share a store tell each other what is to do; each by itself unless told. One can be given as it is. */
  readonly transport?: TransportSettings | Transport;
  /** Runs going on at once; further ones wait. 1,000 unless told. */
  readonly maxRuns?: number;
  /** Requests to models under way at once in this process; any number unless told. */
  readonly maxModelCalls?: number;
  /** How long what has ended is kept by the process that does the duties; 30 days for runs unless told. */
  readonly retention?: Retention;
  /**
   * How many runs may wait for a worker: further starts are refused as `overloaded`, and events are read later. Any number unless
   * told.
   */
  readonly maxQueued?: number;
  /**
   * What one value may have as JSON, in bytes: a tool that answers more has failed with `invalid_output`, and a run with more input
   * is refused. 67,108,864 unless told.
   */
  readonly maxValueBytes?: number;
  /** Calls functions of modules; each in a process of its own unless told. */
  readonly modules?: ModulePort;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly telemetry?: Telemetry;
}

export type TransportSettings =
  /** Within this process; what others do is found by a look into the store each second. */
  | { readonly kind: "in-process" }
  /** By looking into the store, often while there is work. */
  | { readonly kind: "polling"; readonly concurrency?: number }
  /** By jobs of BullMQ in Redis. */
  | ({ readonly kind: "redis" } & RedisSettings);

export interface MockModels {
  /** The same seed, program and input give the same answers. "1" unless told. */
  readonly seed?: string;
  /** Text of a script of answers, as `readMockScript` describes it. */
  readonly script?: string;
  /** How long an answer takes; at once unless told. */
  readonly latencyMs?: { readonly from: number; readonly to: number };
  /** Questions to people are answered by the mock model too. */
  readonly people?: boolean;
}
