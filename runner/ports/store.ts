import type { Json } from "../../plan/expression.ts";
import type {
  ErrorValue,
  ReceivedEvent,
  RunEvent,
  RunRetried,
  StateReading,
} from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import type { DeadLetter, DeadLetterHead } from "./dead-letter.ts";
import type { DeploymentStore } from "./deployment-store.ts";
import type { Election } from "./election.ts";
import type { EventLog } from "./event-log.ts";
import type { HoldStore } from "./hold-store.ts";
import type { CreatedRun, NewRun, Slot } from "./new-run.ts";
import type { PermitStore } from "./permit-store.ts";
import type { RetentionStore } from "./retention-store.ts";
import type { ScheduleStore } from "./schedule-store.ts";
import type { UsageLedger, UsageRecord } from "./usage-ledger.ts";

/**
 * The truth about all runs. What a method has resolved to is durable; what it rejects with may or may not have
 * happened, and is resolved by reading.
 *
 * A run is written by one owner at a time. Ownership is an epoch that `claim` raises; every write names the epoch it was
 * made under, and one from an older epoch, or of a session that has run out, changes nothing and is answered with `fenced`. Leases belong to a
 * session, one per process, and are measured on the store's clock, never on a worker's.
 *
 * All times are milliseconds since 1970.
 */
export interface Store {
  readonly schedules: ScheduleStore;
  readonly deployments: DeploymentStore;
  readonly log: EventLog;
  readonly permits: PermitStore;
  readonly holds: HoldStore;
  readonly retention: RetentionStore;
  readonly ledger: UsageLedger;
  readonly election: Election;

  putPlan(plan: Plan): Promise<void>;
  getPlan(hash: string): Promise<Plan | null>;

  /** A new run with its first event. The same idempotency key gives the run that has it, and creates nothing. */
  createRun(run: NewRun): Promise<CreatedRun>;
  /** The run that was started with this idempotency key, null when there is none. */
  startedWith(idempotencyKey: string): Promise<string | null>;
  /** Null when there is no such run. */
  head(run: string): Promise<RunHead | null>;
  list(filter: RunFilter): Promise<readonly RunHead[]>;
  /** What a run has given; null while it goes on. It may be large, and so is no part of its head. */
  output(run: string): Promise<Json>;
  events(
    run: string,
    range: { readonly afterSeq: number; readonly limit?: number },
  ): Promise<readonly RunEvent[]>;
  /** The newest snapshot, null when there is none. */
  snapshot(run: string): Promise<{ readonly seq: number; readonly state: Json } | null>;

  /** What a run is folded from. */
  load(run: string): Promise<RunHistory>;

  /**
   * Opens or renews the session; after `ttlMs` without renewal its leases are free for others. It may wait for `mayWaitMs` for company on its
   * way to the store.
   */
  beat(session: string, ttlMs: number, mayWaitMs?: number): Promise<void>;
  /** Ends the session at once. */
  endSession(session: string): Promise<void>;
  /** Null when another live session owns the run, it is held, or there is no such run. Claiming one's own run keeps the epoch. */
  claim(run: string, session: string): Promise<ClaimedRun | null>;
  release(run: string, epoch: number): Promise<void>;
  /**
   * Runs that can go on now: neither owned nor held, and with work, an inbox, a due `wakeAtMs`, or a free slot. The older first, where priority counts
   * as age, and runs of one fairness key take turns with those of others.
   */
  runnable(options: { readonly nowMs: number; readonly limit: number }): Promise<readonly string[]>;
  /** How many runs could begin now and wait for a worker, counted up to `limit`. */
  backlog(limit: number): Promise<number>;
  /**
   * Runs that have not ended and have no reason to stand still: no live owner, nothing to do, no timer, nobody who is waited
   * for, no slot they queue for, no pause. There must never be one (guarantee 8 of the engine).
   */
  unexplained(limit: number): Promise<readonly string[]>;
  /** The earliest `wakeAtMs` of runs that nobody owns, of those after a time: what was due by then has been found by `runnable`. */
  nextWakeAtMs(afterMs: number): Promise<number | null>;

  /**
   * Takes one slot of each key, or none: all keys have a free one, or the run goes behind those that queue for them
   * already. Slots are freed with the run's end. Gives the states read under these slots.
   */
  admit(
    request: Admission,
  ): Promise<
    | { readonly kind: "admitted"; readonly states: readonly StateReading[] }
    | { readonly kind: "queued" }
    | { readonly kind: "fenced" }
  >;

  /**
   * Gives the calls of a run the slots they queue for, as far as they are first in their lines and there are free ones. Each is told by an
   * item in the run's inbox. False when there was none, or another owner has the run.
   */
  takeSlots(run: string, epoch: number): Promise<boolean>;

  /**
   * One transaction per entry, all entries in one flush; one entry's fate does not touch another's. Callers queue while a flush
   * is in flight and share the next one.
   */
  append(entry: AppendEntry): Promise<AppendResult>;

  /** Puts something into a run's inbox, for its owner to fold in. Unique by `id`. False when the run has ended or is unknown. */
  deliver(item: InboxItem): Promise<boolean>;
  /** In the order they came; at most `limit`, all unless told. */
  inbox(run: string, limit?: number): Promise<readonly InboxItem[]>;
  /** The runs of a session that have something in their inboxes. */
  runsWithMail(session: string): Promise<readonly string[]>;
  /** Publishes an event: it goes into the inbox of each run that waits for its topic. The same id is published once. Gives the runs. */
  publish(event: ReceivedEvent): Promise<readonly string[]>;

  /** Open tasks of a run, or of all; those of one run one after the other. */
  tasks(run?: string, page?: TaskPage): Promise<readonly StoredTask[]>;
  readState(state: StateAddress): Promise<StateReading>;
  /** Null when nothing is kept or it is older than its time to live. */
  recall(key: string, nowMs: number): Promise<{ readonly value: Json } | null>;
  /** Says where the text of a call lies, so that calls with similar texts find what is kept under `key`. */
  keepVector(
    place: KeptVector & { readonly group: string; readonly untilMs: number },
  ): Promise<void>;
  /** Of calls that differ in their texts only; the newest first, at most `limit`. */
  vectors(query: {
    readonly group: string;
    readonly nowMs: number;
    readonly limit: number;
  }): Promise<readonly KeptVector[]>;

  /** By their ids. */
  deadLetters(filter: LetterFilter): Promise<readonly DeadLetterHead[]>;
  deadLetter(id: string): Promise<DeadLetter | null>;
  /** False when it is not open any more. */
  closeDeadLetter(id: string, status: "retried" | "discarded", reason: string): Promise<boolean>;

  readFile(sha256: string): Promise<Uint8Array | null>;
  writeFile(sha256: string, bytes: Uint8Array): Promise<void>;

  close(): Promise<void>;
}

/** The few facts about a run that are kept beside its history: derived from it, so that lists need no fold. */
export interface RunHead {
  readonly run: string;
  readonly flow: string;
  readonly planHash: string;
  readonly status:
    | "queued"
    | "running"
    | "waiting"
    | "paused"
    | "succeeded"
    | "failed"
    | "cancelled";
  readonly priority: number;
  readonly createdAtMs: number;
  readonly endedAtMs: number | null;
  /** Number of events. */
  readonly seq: number;
  readonly epoch: number;
  /** Session that owns it, dead or alive. */
  readonly owner: string | null;
  /** When it has to go on by itself; null: only an inbox item moves it. */
  readonly wakeAtMs: number | null;
  /** Why it waits: as `encodeWaits` (`plan/wait.ts`) writes it, or in words. */
  readonly waitsFor: string | null;
  readonly error: ErrorValue | null;
  readonly cost: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

export interface ClaimedRun {
  readonly epoch: number;
  readonly head: RunHead;
  /** Whether there is something in its inbox. */
  readonly hasMail: boolean;
  /** What `load` would give, where the store has read it along. */
  readonly history?: () => Promise<RunHistory>;
}

export interface RunFilter {
  readonly status?: readonly RunHead["status"][];
  readonly flow?: string;
  /** Runs created before this one. */
  readonly before?: string;
  readonly limit?: number;
}

export interface LetterFilter {
  readonly queue?: string;
  readonly status?: DeadLetter["status"];
  readonly run?: string;
  /** Only those at these places. */
  readonly paths?: readonly string[];
  /** Only those of whole runs and of compensations, not those of items. */
  readonly withoutItems?: boolean;
  /** Those whose ids come after this one. */
  readonly after?: string;
  /** All unless told. */
  readonly limit?: number;
}

export interface TaskPage {
  /** The last one of the page before. */
  readonly after?: Pick<StoredTask, "run" | "path">;
  readonly limit: number;
}

export interface Admission {
  readonly run: string;
  readonly epoch: number;
  readonly slots: readonly Slot[];
  readonly states: readonly StateAddress[];
}

export interface StateAddress {
  readonly flow: string;
  readonly name: string;
  /** Former name, read when nothing is stored under the new one. */
  readonly was?: string;
  readonly key: string;
}

export interface RunHistory {
  /** Null when there is no such run. */
  readonly created: RunEvent | null;
  readonly snapshot: { readonly seq: number; readonly state: Json } | null;
  /** The first events after the snapshot, or of all when there is none; those of a long tail that are missing are read by `events`. */
  readonly tail: readonly RunEvent[];
}

/** What a called flow takes, by the path of its wait, which is unique in its run. */
export interface CallSlot extends Slot {
  readonly path: string;
}

export interface KeptVector {
  /** Of the value, in the cache. */
  readonly key: string;
  /** Direction of a text, one signed byte for each dimension. */
  readonly vector: Int8Array;
}

/** What changes in one step of a run, all or nothing. */
export interface AppendEntry {
  readonly run: string;
  readonly epoch: number;
  /** Number of events before; anything else in the store means that an earlier append is unresolved or another owner wrote. */
  readonly expectedSeq: number;
  readonly events: readonly RunEvent[];
  readonly head: HeadChange;
  /** Inbox items that these events have taken in. */
  readonly taken?: readonly string[];
  readonly tasks?: { readonly put?: readonly StoredTask[]; readonly withdraw?: readonly string[] };
  /** Topics waited for; `path` "" is the flow's `cancelOn`. */
  readonly waits?: {
    readonly put?: readonly { readonly path: string; readonly topic: string }[];
    readonly withdraw?: readonly string[];
  };
  /** Slots of called flows: those that `join` queue until `takeSlots`; those that `leave` hold theirs, or queue for it, no more. */
  readonly slots?: { readonly join?: readonly CallSlot[]; readonly leave?: readonly string[] };
  readonly publish?: readonly ReceivedEvent[];
  readonly remember?: readonly {
    readonly key: string;
    readonly value: Json;
    readonly untilMs: number;
  }[];
  readonly states?: readonly (StateAddress & { readonly value: Json; readonly atMs: number })[];
  readonly deadLetters?: readonly DeadLetter[];
  /** Runs started with this step, by `continue`. */
  readonly starts?: readonly NewRun[];
  readonly snapshot?: Json;
  readonly usage?: readonly UsageRecord[];
}

export interface HeadChange {
  readonly status: RunHead["status"];
  readonly wakeAtMs: number | null;
  readonly waitsFor: string | null;
  readonly cost: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** A retry may change the plan. */
  readonly planHash?: string;
  /** Present when the run ends: its slots, tasks and waits go, and nobody owns it. */
  readonly ended?: {
    readonly atMs: number;
    readonly output: Json;
    readonly error: ErrorValue | null;
  };
  /** Gives the run back in the same step. */
  readonly release?: boolean;
}

/**
 * `delivered`: runs that got something into their inboxes, or whose turn it is to take a slot that a call has left.
 * `fenced`: another owner has the run. `conflict`: `expectedSeq` is not what the store has. Neither changed anything.
 */
export type AppendResult =
  | { readonly kind: "ok"; readonly delivered: readonly string[] }
  | { readonly kind: "fenced" }
  | { readonly kind: "conflict"; readonly seq: number };

export type InboxItem = { readonly id: string; readonly run: string; readonly atMs: number } & (
  | { readonly kind: "cancel"; readonly reason: string }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" }
  | ({ readonly kind: "retry" } & Pick<RunRetried, "planHash" | "redo" | "parked" | "limits">)
  | { readonly kind: "answer"; readonly path: string; readonly value: Json; readonly by?: string }
  | { readonly kind: "event"; readonly path: string; readonly event: ReceivedEvent }
  /** A called flow may begin. */
  | { readonly kind: "slot"; readonly path: string }
);

export interface StoredTask {
  readonly run: string;
  readonly path: string;
  readonly agent: string;
  readonly question: string;
  readonly schema: { readonly [key: string]: Json };
  readonly askedAtMs: number;
  readonly dueAtMs: number | null;
  readonly channel: string | null;
  readonly assignees: readonly string[];
  /** Why the last answer was not accepted. */
  readonly problem: string | null;
}
