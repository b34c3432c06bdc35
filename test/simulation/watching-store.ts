import { isRecord } from "../../plan/evaluate/json-record.ts";
import type { Json } from "../../plan/expression.ts";
import type { ReceivedEvent } from "../../plan/history.ts";
import type { CreatedRun, NewRun } from "../../runner/ports/new-run.ts";
import type {
  Admission,
  AppendEntry,
  AppendResult,
  ClaimedRun,
  RunHead,
} from "../../runner/ports/store.ts";
import type { PermitAnswer, PermitRequest } from "../../runner/ports/permit-store.ts";
import type { RetentionStore } from "../../runner/ports/retention-store.ts";
import { MemoryPermits } from "../../runner/store/memory-permits.ts";
import { MemoryStore } from "../../runner/store/memory-store.ts";

/** Notes what a store that processes share must never let through, at every write; each fault begins with its invariant. */
export class WatchingStore extends MemoryStore {
  readonly faults: string[] = [];
  readonly epochs = new Map<string, number>();
  /** Runs by the slot that they hold, and those that had it before, in order. */
  readonly holders = new Map<string, Set<string>>();
  readonly admissions = new Map<string, string[]>();
  readonly creations = new Map<string, string[]>();
  readonly purged = new Set<string>();
  /** How those that were taken away had ended. */
  readonly purgedStatus = new Map<string, string>();
  /** All runs that were created, in order, with their flows. */
  readonly flows = new Map<string, string>();
  /** Those that an event has started. */
  readonly triggered: { flow: string; id: string; data: Json; atMs: number }[] = [];
  /** All events of the log, in its order. */
  readonly published: { id: string; topic: string; atMs: number }[] = [];
  override readonly permits = new WatchingPermits(
    {
      now: () => this.now(),
      isAlive: (session) => this.isAlive(session),
    },
    this.faults,
  );
  fenced = 0;
  override readonly retention: RetentionStore = {
    purgeRuns: (options) => this.purgeWatched(options),
    clearPurged: () => Promise.resolve(0),
    purgeTicks: () => Promise.resolve(0),
    sweepPayloads: () => Promise.resolve(0),
  };

  override insert(run: NewRun): CreatedRun {
    const created = super.insert(run);
    if (!created.existing && created.skipped !== true) this.noteCreation(run);
    return created;
  }

  private noteCreation({ run, flow, slots, events }: NewRun): void {
    for (const { key } of slots ?? []) add(this.creations, key, run);
    this.flows.set(run, flow);
    const [first] = events;
    const trigger = first?.kind === "run.created" ? first.trigger : null;
    if (!isRecord(trigger) || !isRecord(trigger["event"])) return;
    const { id, data = null } = trigger["event"];
    this.triggered.push({ flow, id: String(id), data, atMs: this.now() });
  }

  override async publish(event: ReceivedEvent): Promise<readonly string[]> {
    const { id, topic } = event;
    const isNew = !this.published.some((known) => known.id === id);
    // The log has it when this has been called.
    const published = super.publish(event);
    if (isNew) this.published.push({ id, topic, atMs: this.now() });
    return published;
  }

  /** What is held is not taken up. */
  override async claim(run: string, session: string): Promise<ClaimedRun | null> {
    const claimed = await super.claim(run, session);
    if (claimed !== null && this.holds.isHeld(claimed.head.flow))
      this.faults.push(`${run} was claimed although ${claimed.head.flow} is held`);
    return claimed;
  }

  /** I14 of slots, and their order. */
  override async admit(request: Admission): ReturnType<MemoryStore["admit"]> {
    const answer = await super.admit(request);
    if (answer.kind !== "admitted") return answer;
    for (const { key, limit } of request.slots) {
      const holders = this.holders.get(key) ?? new Set();
      if (!holders.has(request.run)) add(this.admissions, key, request.run);
      holders.add(request.run);
      this.holders.set(key, holders);
      if (holders.size > limit)
        this.faults.push(`I14 ${[...holders].join(", ")} hold ${key}, which has ${limit}`);
    }
    return answer;
  }

  /** I7: no write of an older epoch after one of a newer. */
  override async append(entry: AppendEntry): Promise<AppendResult> {
    const result = await super.append(entry);
    if (result.kind === "fenced") this.fenced += 1;
    if (result.kind !== "ok") return result;
    const newest = this.epochs.get(entry.run) ?? 0;
    if (entry.epoch < newest)
      this.faults.push(`I7 ${entry.run} was written under epoch ${entry.epoch} after ${newest}`);
    this.epochs.set(entry.run, entry.epoch);
    if (entry.head.ended !== undefined)
      for (const holders of this.holders.values()) holders.delete(entry.run);
    return result;
  }

  /** Only what has ended is taken away. */
  private purgeWatched(options: Parameters<MemoryStore["purge"]>[0]): Promise<number> {
    const heads = new Map<string, RunHead>([...this.runs].map(([run, { head }]) => [run, head]));
    const count = this.purge(options);
    for (const [run, head] of heads) {
      if (this.runs.has(run)) continue;
      this.purged.add(run);
      this.purgedStatus.set(run, head.status);
      if (head.endedAtMs === null || head.endedAtMs >= options.endedBeforeMs)
        this.faults.push(`${run} was taken away, and is ${head.status}`);
    }
    return Promise.resolve(count);
  }

  /** Runs that queue for one slot get it in the order in which they were created. */
  checkOrder(): readonly string[] {
    return [...this.admissions].flatMap(([key, admitted]) => {
      const order = (this.creations.get(key) ?? []).filter((run) => admitted.includes(run));
      const same = order.every((run, index) => admitted[index] === run);
      return same ? [] : [`${key} went to ${admitted.join(", ")} instead of ${order.join(", ")}`];
    });
  }
}

function add(lists: Map<string, string[]>, key: string, run: string): void {
  lists.set(key, [...(lists.get(key) ?? []), run]);
}

/** I15: no window has more of a rate than it allows. */
class WatchingPermits extends MemoryPermits {
  readonly faults: string[];
  readonly clock: () => number;
  /** When permits were granted, by limit. */
  readonly grants = new Map<string, number[]>();
  readonly granted = new Set<string>();
  /** Turns that were given away, by limit, in order. */
  readonly reserved = new Map<string, number[]>();

  constructor(options: ConstructorParameters<typeof MemoryPermits>[0], faults: string[]) {
    super(options);
    this.faults = faults;
    this.clock = options.now;
  }

  override async reserve(
    key: string,
    rate: Parameters<MemoryPermits["reserve"]>[1],
  ): Promise<number> {
    const atMs = await super.reserve(key, rate);
    const times = [...(this.reserved.get(key) ?? []), atMs].sort((a, b) => a - b);
    this.reserved.set(key, times);
    if (atMs < this.clock()) this.faults.push(`I15 ${key} was given a turn in the past`);
    for (const [index, first] of times.entries()) {
      const beyond = times[index + rate.count];
      if (beyond !== undefined && beyond - first < rate.perMs)
        this.faults.push(`I15 ${key} has ${rate.count + 1} turns in ${beyond - first} ms`);
    }
    return atMs;
  }

  override async take(request: PermitRequest): Promise<PermitAnswer> {
    const answer = await super.take(request);
    if (!answer.granted || this.granted.has(request.holder)) return answer;
    this.granted.add(request.holder);
    const nowMs = this.clock();
    for (const { key, rate } of request.limits) {
      if (rate === null) continue;
      const times = [...(this.grants.get(key) ?? []), nowMs].filter(
        (atMs) => atMs > nowMs - rate.perMs,
      );
      this.grants.set(key, times);
      if (times.length > rate.count)
        this.faults.push(`I15 ${key} was granted ${times.length} times in ${rate.perMs} ms`);
    }
    return answer;
  }
}
