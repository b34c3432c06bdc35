import { assert } from "../../base/assert.ts";
import type { Json } from "../../plan/expression.ts";
import type { ReceivedEvent, RunEvent, StateReading } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import type { CreatedRun, NewRun } from "../ports/new-run.ts";
import type {
  Admission,
  AppendEntry,
  AppendResult,
  ClaimedRun,
  InboxItem,
  RunFilter,
  RunHead,
  RunHistory,
  StateAddress,
  Store,
  StoredTask,
  TaskPage,
} from "../ports/store.ts";
import { topicMatches } from "../ports/topic.ts";
import type { RetentionStore } from "../ports/retention-store.ts";
import { slotItem } from "./slot-item.ts";
import { FairPlaces } from "./fair-places.ts";
import { freshHead } from "./fresh-head.ts";
import { memoryDeployments, memoryHolds } from "./memory-controls.ts";
import { MemoryElection } from "./memory-election.ts";
import { MemoryEventLog } from "./memory-event-log.ts";
import { MemoryFiles, sweepFiles } from "./memory-files.ts";
import { MemoryLetters } from "./memory-letters.ts";
import { MemoryPermits } from "./memory-permits.ts";
import { MemorySchedules } from "./memory-schedules.ts";
import { MemoryStates } from "./memory-states.ts";
import { pageOfTasks } from "./memory-tasks.ts";
import { MemorySlots } from "./memory-slots.ts";
import { MemoryUsage } from "./memory-usage.ts";
import { MemoryVectors } from "./memory-vectors.ts";

interface MemoryRun {
  readonly n: number;
  readonly place: number;
  head: RunHead;
  readonly events: RunEvent[];
  snapshot: { readonly seq: number; readonly state: Json } | null;
  output: Json;
  readonly inbox: Map<string, InboxItem>;
  readonly tasks: Map<string, StoredTask>;
  /** Topics by path. */
  readonly waits: Map<string, string>;
}

/**
 * A store that lasts as long as the process: for tests, simulations and trying things out. Each method
 * happens at once, so every call is a transaction of its own. What is put in comes back as a copy, as from a disk.
 */
export class MemoryStore implements Store {
  readonly now: () => number;
  readonly plans = new Map<string, Plan>();
  readonly runs = new Map<string, MemoryRun>();
  readonly runsByKey = new Map<string, string>();
  /** Sessions, and until when they live. */
  readonly sessions = new Map<string, number>();
  created = 0;
  readonly slots = new MemorySlots();
  readonly places = new FairPlaces((run) => this.runs.get(run)?.head.epoch === 0);
  readonly states = new MemoryStates();
  readonly near = new MemoryVectors();
  readonly keepVector: Store["keepVector"] = (place) => this.near.keep(place);
  readonly vectors: Store["vectors"] = (query) => this.near.find(query);
  readonly cache = new Map<string, { readonly value: Json; readonly untilMs: number }>();
  readonly letters = new MemoryLetters();
  readonly deadLetters: Store["deadLetters"] = (filter) =>
    Promise.resolve(this.letters.list(filter));
  readonly deadLetter: Store["deadLetter"] = (id) =>
    Promise.resolve(this.letters.byId.get(id) ?? null);
  readonly files = new MemoryFiles(() => this.now());
  readonly readFile: Store["readFile"] = (sha256) => this.files.read(sha256);
  readonly writeFile: Store["writeFile"] = (sha256, bytes) => this.files.write(sha256, bytes);
  readonly deployments = memoryDeployments();
  readonly holds = memoryHolds();
  readonly election = new MemoryElection(
    () => this.now(),
    () => JSON.stringify([this.log.count, this.schedules.news(), this.deployments.all()]),
  );
  readonly ledger = new MemoryUsage();
  readonly retention: RetentionStore = {
    purgeRuns: (options) => Promise.resolve(this.purge(options)),
    clearPurged: () => Promise.resolve(0),
    purgeTicks: (options) => Promise.resolve(this.schedules.forget(options)),
    // Values are kept whole here, but files are not.
    sweepPayloads: (options) => Promise.resolve(sweepFiles(this, options)),
  };
  readonly permits = new MemoryPermits({
    now: () => this.now(),
    isAlive: (session) => this.isAlive(session),
  });
  readonly log = new MemoryEventLog({
    insert: (run) => this.insert(run),
    keepLetter: (letter) => this.letters.keep(letter),
  });
  readonly schedules = new MemorySchedules({
    insert: (run) => {
      const created = this.insert(run);
      return created.skipped === true ? null : created;
    },
    keepLetter: (letter) => this.letters.keep(letter),
  });

  /** `now` is the clock that leases are measured on. */
  constructor(options: { readonly now: () => number }) {
    this.now = options.now;
  }

  putPlan(plan: Plan): Promise<void> {
    this.plans.set(plan.hash, copy(plan));
    return Promise.resolve();
  }

  getPlan(hash: string): Promise<Plan | null> {
    return Promise.resolve(this.plans.get(hash) ?? null);
  }

  createRun(run: NewRun): Promise<CreatedRun> {
    return Promise.resolve(this.insert(run));
  }

  startedWith(idempotencyKey: string): Promise<string | null> {
    return Promise.resolve(this.runsByKey.get(idempotencyKey) ?? null);
  }

  insert(run: NewRun): CreatedRun {
    const known = run.idempotencyKey === null ? undefined : this.runsByKey.get(run.idempotencyKey);
    if (known !== undefined) return { run: known, existing: true };
    if (!this.makeRoom(run)) return { run: run.run, existing: false, skipped: true };
    if (run.idempotencyKey !== null) this.runsByKey.set(run.idempotencyKey, run.run);
    assert(!this.runs.has(run.run), () => `two runs are called ${run.run}`);
    const { priority, fairnessKey: key = run.flow } = run;
    this.created += 1;
    this.runs.set(run.run, {
      n: this.created,
      place: this.places.place({ run: run.run, key, priority, nowMs: this.now() }),
      head: freshHead(run),
      events: copy([...run.events]),
      snapshot: null,
      output: null,
      inbox: new Map(),
      tasks: new Map(),
      waits: new Map(),
    });
    // One whose time has not come holds nobody up.
    if (run.wakeAtMs === null && (run.slots?.length ?? 0) > 0)
      this.slots.queue(run.run, run.slots ?? []);
    return { run: run.run, existing: false };
  }

  /** False when the run is not to be created, because its slots are not free. */
  makeRoom({ overlap, slots = [] }: NewRun): boolean {
    if (overlap === undefined) return true;
    const full = slots.filter(
      ({ key, limit }) => overlap.keys.includes(key) && this.slots.users(key).length >= limit,
    );
    if (full.length > 0 && overlap.kind === "skip") return false;
    if (overlap.kind === "replace") {
      const { cancel } = overlap;
      const users = full.flatMap(({ key }) => this.slots.users(key));
      // A run that only calls the flow is none that goes on already.
      for (const run of new Set(users.filter(({ path }) => path === "").map((user) => user.run)))
        void this.deliver({ ...cancel, kind: "cancel", id: `${cancel.id}/${run}`, run });
    }
    return true;
  }

  head(run: string): Promise<RunHead | null> {
    return Promise.resolve(this.runs.get(run)?.head ?? null);
  }

  output(run: string): Promise<Json> {
    return Promise.resolve(this.runs.get(run)?.output ?? null);
  }

  list({ status, flow, before, limit = 100 }: RunFilter): Promise<readonly RunHead[]> {
    const bound =
      before === undefined
        ? Number.POSITIVE_INFINITY
        : (this.runs.get(before)?.n ?? Number.POSITIVE_INFINITY);
    const found = [...this.runs.values()].filter(
      ({ n, head }) =>
        n < bound &&
        (status === undefined || status.includes(head.status)) &&
        (flow === undefined || head.flow === flow),
    );
    return Promise.resolve(
      found
        .reverse()
        .slice(0, limit)
        .map(({ head }) => head),
    );
  }

  events(
    run: string,
    {
      afterSeq,
      limit = Number.POSITIVE_INFINITY,
    }: { readonly afterSeq: number; readonly limit?: number },
  ): Promise<readonly RunEvent[]> {
    return Promise.resolve(this.runs.get(run)?.events.slice(afterSeq, afterSeq + limit) ?? []);
  }

  snapshot(run: string): Promise<{ readonly seq: number; readonly state: Json } | null> {
    return Promise.resolve(this.runs.get(run)?.snapshot ?? null);
  }

  beat(session: string, ttlMs: number): Promise<void> {
    this.sessions.set(session, this.now() + ttlMs);
    return Promise.resolve();
  }

  endSession(session: string): Promise<void> {
    this.sessions.delete(session);
    for (const run of this.runs.values())
      if (run.head.owner === session) run.head = { ...run.head, owner: null };
    return Promise.resolve();
  }

  isAlive(session: string): boolean {
    return (this.sessions.get(session) ?? 0) > this.now();
  }

  isOwned({ head }: MemoryRun): boolean {
    return head.owner !== null && this.isAlive(head.owner);
  }

  async load(run: string): Promise<RunHistory> {
    const snapshot = await this.snapshot(run);
    const events = this.runs.get(run)?.events ?? [];
    return { created: events[0] ?? null, snapshot, tail: events.slice(snapshot?.seq ?? 0) };
  }

  claim(run: string, session: string): Promise<ClaimedRun | null> {
    const found = this.runs.get(run);
    if (found === undefined || this.holds.isHeld(found.head.flow)) return Promise.resolve(null);
    if (found.head.owner !== session) {
      if (this.isOwned(found)) return Promise.resolve(null);
      found.head = { ...found.head, owner: session, epoch: found.head.epoch + 1 };
    }
    const { head, inbox } = found;
    return Promise.resolve({ epoch: head.epoch, head, hasMail: inbox.size > 0 });
  }

  release(run: string, epoch: number): Promise<void> {
    const found = this.runs.get(run);
    if (found?.head.epoch === epoch) found.head = { ...found.head, owner: null };
    return Promise.resolve();
  }

  runnable({
    nowMs,
    limit,
  }: {
    readonly nowMs: number;
    readonly limit: number;
  }): Promise<readonly string[]> {
    const found = [...this.runs.values()].filter(
      (run) => !this.isOwned(run) && !this.holds.isHeld(run.head.flow) && this.canGoOn(run, nowMs),
    );
    found.sort((left, right) => left.place - right.place || left.n - right.n);
    return Promise.resolve(found.slice(0, limit).map(({ head }) => head.run));
  }

  canGoOn({ head, inbox }: MemoryRun, nowMs: number): boolean {
    if (inbox.size > 0) return true;
    const due = head.wakeAtMs !== null && head.wakeAtMs <= nowMs;
    if (this.slots.isWaiting(head.run)) return this.slots.mayTake(head.run);
    if (this.slots.mayTakeCalls(head.run)) return true;
    if (head.status === "running") return true;
    return due || (head.status === "queued" && head.wakeAtMs === null);
  }

  backlog(limit: number): Promise<number> {
    const isWaiting = (run: MemoryRun): boolean =>
      run.head.status === "queued" && !this.isOwned(run) && this.canGoOn(run, this.now());
    return Promise.resolve(Math.min(limit, [...this.runs.values()].filter(isWaiting).length));
  }

  unexplained(limit: number): Promise<readonly string[]> {
    const found = [...this.runs.values()].filter((run) => {
      const { head, tasks, waits } = run;
      const explained =
        isEnded(head.status) ||
        head.status === "paused" ||
        head.wakeAtMs !== null ||
        tasks.size > 0 ||
        [...waits.keys()].some((path) => path !== "") ||
        this.slots.isWaiting(head.run) ||
        this.slots.callsWait(head.run);
      return !explained && !this.isOwned(run) && !this.canGoOn(run, this.now());
    });
    return Promise.resolve(found.slice(0, limit).map(({ head }) => head.run));
  }

  nextWakeAtMs(afterMs: number): Promise<number | null> {
    const free = [...this.runs.values()].filter((run) => !this.isOwned(run));
    const times = free.flatMap(({ head }) => head.wakeAtMs ?? []).filter((atMs) => atMs > afterMs);
    return Promise.resolve(times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b)));
  }

  admit({
    run,
    epoch,
    slots,
    states,
  }: Admission): Promise<
    | { readonly kind: "admitted"; readonly states: readonly StateReading[] }
    | { readonly kind: "queued" }
    | { readonly kind: "fenced" }
  > {
    const found = this.runs.get(run);
    if (found === undefined || found.head.owner === null || found.head.epoch !== epoch)
      return Promise.resolve({ kind: "fenced" });
    if (!this.slots.take(run, slots)) return Promise.resolve({ kind: "queued" });
    return Promise.resolve({
      kind: "admitted",
      states: states.map((state) => this.states.read(state)),
    });
  }

  takeSlots(id: string, epoch: number): Promise<boolean> {
    const run = this.runs.get(id);
    if (run === undefined || run.head.owner === null || run.head.epoch !== epoch)
      return Promise.resolve(false);
    const items = this.slots.takeCalls(id).map((path) => slotItem(id, path, this.now()));
    for (const item of items) run.inbox.set(item.id, item);
    return Promise.resolve(items.length > 0);
  }

  append(entry: AppendEntry): Promise<AppendResult> {
    const run = this.runs.get(entry.run);
    if (run === undefined || !this.isOwned(run) || run.head.epoch !== entry.epoch)
      return Promise.resolve({ kind: "fenced" });
    if (run.events.length !== entry.expectedSeq)
      return Promise.resolve({ kind: "conflict", seq: run.events.length });
    run.events.push(...copy([...entry.events]));
    this.writeParts(run, entry);
    const delivered = [
      ...(entry.publish ?? []).flatMap((event) => this.spread(event)),
      ...this.slots.move(entry, run.inbox),
    ];
    this.writeHead(run, entry);
    return Promise.resolve({ kind: "ok", delivered });
  }

  writeParts(run: MemoryRun, entry: AppendEntry): void {
    for (const id of entry.taken ?? []) run.inbox.delete(id);
    for (const task of entry.tasks?.put ?? []) run.tasks.set(task.path, copy(task));
    for (const path of entry.tasks?.withdraw ?? []) run.tasks.delete(path);
    for (const wait of entry.waits?.put ?? []) run.waits.set(wait.path, wait.topic);
    for (const path of entry.waits?.withdraw ?? []) run.waits.delete(path);
    for (const { key, value, untilMs } of entry.remember ?? [])
      this.cache.set(key, { value: copy(value), untilMs });
    for (const state of entry.states ?? [])
      this.states.write({ ...state, value: copy(state.value) });
    for (const letter of entry.deadLetters ?? []) this.letters.keep(letter);
    for (const start of entry.starts ?? []) this.insert(start);
    this.ledger.add(entry.run, entry.usage ?? []);
    if (entry.snapshot !== undefined)
      run.snapshot = { seq: run.events.length, state: copy(entry.snapshot) };
  }

  writeHead(run: MemoryRun, { head }: AppendEntry): void {
    const { status, wakeAtMs, waitsFor, cost, tokensIn, tokensOut, ended } = head;
    const owner = head.release === true || ended !== undefined ? null : run.head.owner;
    const outcome =
      ended === undefined
        ? { endedAtMs: null, error: null }
        : { endedAtMs: ended.atMs, error: ended.error };
    run.output = ended === undefined ? null : copy(ended.output);
    run.head = {
      ...run.head,
      ...outcome,
      status,
      wakeAtMs,
      waitsFor,
      cost,
      tokensIn,
      tokensOut,
      planHash: head.planHash ?? run.head.planHash,
      owner,
      seq: run.events.length,
    };
    if (ended === undefined) return;
    run.tasks.clear();
    run.waits.clear();
    run.inbox.clear();
    this.slots.free(run.head.run);
  }

  deliver(item: InboxItem): Promise<boolean> {
    const run = this.runs.get(item.run);
    // An ended run takes nothing but a retry, and only an ended run takes that.
    if (run === undefined || isEnded(run.head.status) !== (item.kind === "retry"))
      return Promise.resolve(false);
    if (!run.inbox.has(item.id)) run.inbox.set(item.id, copy(item));
    return Promise.resolve(true);
  }

  inbox(run: string, limit?: number): Promise<readonly InboxItem[]> {
    return Promise.resolve([...(this.runs.get(run)?.inbox.values() ?? [])].slice(0, limit));
  }

  runsWithMail(session: string): Promise<readonly string[]> {
    const found = [...this.runs.values()].filter(
      ({ head, inbox }) => inbox.size > 0 && head.owner === session,
    );
    return Promise.resolve(found.map(({ head }) => head.run));
  }

  publish(event: ReceivedEvent): Promise<readonly string[]> {
    return Promise.resolve(this.spread(event));
  }

  spread(event: ReceivedEvent): readonly string[] {
    if (!this.log.add(copy(event), this.now())) return [];
    const reached: string[] = [];
    for (const [id, run] of this.runs) {
      for (const path of [...run.waits.keys()].sort()) {
        if (!topicMatches(run.waits.get(path) ?? "", event.topic)) continue;
        const item: InboxItem = {
          id: `${event.id}/${id}/${path}`,
          run: id,
          atMs: this.now(),
          kind: "event",
          path,
          event: copy(event),
        };
        if (!run.inbox.has(item.id)) run.inbox.set(item.id, item);
        if (reached.at(-1) !== id) reached.push(id);
      }
    }
    return reached;
  }

  tasks(run?: string, page?: TaskPage): Promise<readonly StoredTask[]> {
    const runs = run === undefined ? [...this.runs.values()] : [this.runs.get(run)];
    return Promise.resolve(pageOfTasks(runs, page));
  }

  readState(state: StateAddress): Promise<StateReading> {
    return Promise.resolve(this.states.read(state));
  }

  recall(key: string, nowMs: number): Promise<{ readonly value: Json } | null> {
    const kept = this.cache.get(key);
    return Promise.resolve(
      kept === undefined || kept.untilMs <= nowMs ? null : { value: kept.value },
    );
  }

  closeDeadLetter(id: string, status: "retried" | "discarded", reason: string): Promise<boolean> {
    return Promise.resolve(this.letters.close(id, status, reason));
  }

  purge({
    endedBeforeMs,
    limit,
  }: {
    readonly endedBeforeMs: number;
    readonly limit: number;
  }): number {
    const open = new Set(this.letters.list({ status: "open" }).map(({ run }) => run));
    const old = [...this.runs.values()]
      .filter((run) => run.inbox.size === 0 && !this.isOwned(run))
      .map(({ head }) => ({ run: head.run, endedAtMs: head.endedAtMs ?? endedBeforeMs }))
      .filter(({ run, endedAtMs }) => endedAtMs < endedBeforeMs && !open.has(run))
      .sort((left, right) => left.endedAtMs - right.endedAtMs)
      .slice(0, limit);
    for (const { run } of old) this.drop(run);
    return old.length;
  }

  drop(run: string): void {
    this.runs.delete(run);
    for (const [key, other] of this.runsByKey) if (other === run) this.runsByKey.delete(key);
    this.letters.forget(run);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function isEnded(status: RunHead["status"]): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

/** Through JSON, so that nothing survives here that a disk would not keep. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
