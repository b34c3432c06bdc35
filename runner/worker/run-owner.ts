import type { RunCreated } from "../../plan/history.ts";
import { encodeWaits } from "../../plan/wait.ts";
import type { RunMachine } from "../engine/machine.ts";
import { snapshotWeight } from "../engine/snapshot.ts";
import type { HeadChange, RunHead } from "../ports/store.ts";
import { ActivityRun, type Outcome } from "./activity-run.ts";
import { endedRun } from "./ended-run.ts";
import { takeItem } from "./inbox-item.ts";
import { inTurns } from "../ports/in-turns.ts";
import { GatePlaces } from "./gate-places.ts";
import { PendingEntry } from "./pending-entry.ts";
import {
  keepHotMs,
  type OwnerEnd,
  type RunOwnerOptions,
  type SnapshotMark,
} from "./run-owner-options.ts";
import { ifReached, sendEntry, type Sender } from "./send-entry.ts";
import { suspectAfter } from "./suspect-line.ts";
import { settleLetters } from "./settle-letters.ts";
import type { LoadedProgram, WorkerHost } from "./worker-host.ts";
import type { Work } from "../steps/run-activity.ts";

/** Mail that is taken in one step: enough to share a commit, and few enough that nobody waits for it. */
const itemsAtOnce = 256;
/** Outcomes that are taken, and activities that are begun, in one turn: a few milliseconds of work, after which others have theirs. */
const outcomesAtOnce = 64;
const begunAtOnce = 128;
const eventsPerSnapshot = 2_000;
/** A snapshot costs what the run is large: one is made after so many times as many events as would cost the same. */
const eventsPerWeight = 20;
/** Who lasts longer than this part more than the processes before it is not what ended them; bounds of that in milliseconds. */
const trial = { part: 1.5, from: 5_000, to: 120_000 };

const none: ReadonlySet<string> = new Set();

/** An entry that has become durable. */
interface Appended {
  readonly head: HeadChange;
  /** Runs that got something into their inbox. */
  readonly delivered: readonly string[];
}

function nextSnapshotSeq(mark: SnapshotMark | null): number {
  if (mark === null) return eventsPerSnapshot;
  return mark.seq + Math.max(eventsPerSnapshot, mark.weight * eventsPerWeight);
}

/**
 * Owns one run while this process has its lease: folds what comes in, begins what is ready, and journals
 * both in one transaction, so that an outcome and the start that depends on it cost one commit.
 */
export class RunOwner {
  readonly run: string;
  readonly machine: RunMachine;
  readonly program: LoadedProgram;
  readonly epoch: number;
  readonly created: RunCreated;
  readonly host: WorkerHost;
  readonly onEnd: (end: OwnerEnd, error?: unknown) => void;

  private readonly sender: Sender;
  private readonly onActivityEnd: (fact: Outcome, activity: Work) => void;
  /** Processes in a row that have ended while they had it. */
  readonly crashes: number;
  private readonly onCleared: () => void;
  private readonly mayYield: ((events: number) => boolean) | undefined;
  private readonly firstSeq: number;
  private readonly active = new Map<string, ActivityRun>();
  private readonly places: GatePlaces;
  private readonly outcomes: { readonly fact: Outcome; readonly activity: Work }[] = [];
  private inboxDirty: boolean;
  /** There may be a slot for a call that queues for one. */
  private slotsDirty = true;
  private turning = false;
  private again = false;
  private over = false;
  private stopping = false;
  /** Nothing is begun in this turn, so that the run can be given back. */
  private yielding = false;
  /** Not all that is ready was begun in this turn. */
  private hasMore = false;
  private interrupted: boolean;
  /** Stops the time after which it is suspect no more; null when it is not. */
  private stopTrial: (() => void) | null = null;
  private holdsSlots = false;
  /** Number of events at which the next snapshot is made. */
  private nextSnapshotSeq: number;
  private stopTimer: (() => void) | undefined;

  constructor(options: RunOwnerOptions) {
    this.machine = options.machine;
    this.run = options.machine.run;
    this.program = options.program;
    this.epoch = options.epoch;
    this.created = options.created;
    this.host = options.host;
    this.onEnd = options.onEnd;
    const { store, clock, limits } = options.host;
    const { program } = options.program.plan;
    this.places = new GatePlaces({
      machine: options.machine,
      gatesFor: (activity) => limits.gatesFor(program, activity, this.run),
      onPassed: () => this.poke(),
    });
    this.sender = { store, clock, renew: options.renew, isOver: () => this.over };
    this.onActivityEnd = (fact, activity) => this.activityEnded(fact, activity);
    this.mayYield = options.mayYield;
    this.firstSeq = options.machine.seq;
    this.nextSnapshotSeq = nextSnapshotSeq(options.snapshot);
    this.inboxDirty = options.inboxDirty;
    this.interrupted = options.machine.inFlight().length > 0;
    this.crashes = options.crashes;
    this.onCleared = options.onCleared;
    if (this.interrupted && this.crashes >= suspectAfter) {
      const lastsMs = Math.min(trial.to, Math.max(trial.from, options.lastedMs * trial.part));
      this.stopTrial = clock.after(lastsMs, () => this.clearSuspicion());
    }
    this.holdsSlots =
      options.machine.phase !== "created" && options.machine.admission().slots.length > 0;
  }

  /** Whether anything is under way here. */
  get isBusy(): boolean {
    return !this.over && (this.turning || this.active.size > 0 || !this.places.isEmpty);
  }

  /** Processes have kept ending while they had it, and it has not got anywhere since: it, or a neighbour, may be what ends them. */
  get isSuspect(): boolean {
    return this.stopTrial !== null && !this.over;
  }

  /** Something may have come that it has not seen. */
  get hasMail(): boolean {
    return this.inboxDirty;
  }

  /** Something may have come into the inbox. */
  pokeInbox(): void {
    this.inboxDirty = true;
    this.slotsDirty = true;
    this.poke();
  }

  /** Once in a while: what could not be asked before, and what nobody tells of, such as a free slot or a clock that was set. */
  remind(): void {
    const { machine, host } = this;
    if (this.over || machine.hasWork) return;
    if (machine.awaitsSlots()) this.slotsDirty = true;
    const wakeAtMs = machine.wakeAtMs();
    const isDue = wakeAtMs !== null && wakeAtMs <= host.clock.now();
    if (this.inboxDirty || this.slotsDirty || isDue) this.poke();
  }

  poke(): void {
    if (this.over) return;
    if (this.turning) this.again = true;
    else this.turns();
  }

  /** Begins nothing new, and gives the run back as soon as what is under way has ended. */
  stop(): void {
    this.stopping = true;
    this.poke();
  }

  /** Lets go of the run at once, without a word to the store: somebody else has it, or the process ends. */
  abandon(end: OwnerEnd, error?: unknown): void {
    if (this.over) return;
    this.over = true;
    this.stopTimer?.();
    this.stopTrial?.();
    for (const activity of this.active.values()) activity.abandon();
    this.places.leaveAll();
    this.onEnd(end, error);
  }

  private turns(): void {
    this.turning = true;
    this.again = false;
    this.turn().then(
      () => {
        this.turning = false;
        if (this.again && !this.over) this.turns();
      },
      (error: unknown) => {
        this.abandon("broken", error);
        this.turning = false;
      },
    );
  }

  private async turn(): Promise<void> {
    const { machine, host } = this;
    const pending = new PendingEntry(machine, Math.max(host.clock.now(), machine.lastAtMs));
    if (this.interrupted) {
      this.interrupted = false;
      pending.record({ kind: "run.interrupted", epoch: this.epoch });
    }
    for (let at = 0; at < outcomesAtOnce && this.outcomes.length > 0; at += 1) {
      this.takeOutcome(pending);
      if (machine.hasWork) await this.finishWork();
    }
    if (this.outcomes.length > 0) this.again = true;
    if (this.slotsDirty) await this.takeSlots();
    if (this.inboxDirty) await this.takeInbox(pending);
    if (machine.phase === "created" && !machine.cancelRequested && !(await this.admit(pending)))
      return;
    // Let go of meanwhile: who waits at a gate now would take a place from others, and never leave it.
    if (this.over) return;
    for (
      let due = machine.dueTimer(pending.nowMs);
      due !== null;
      due = machine.dueTimer(pending.nowMs)
    )
      pending.record(due);
    // Between two steps only: nothing under way is cut short, and nothing that could go on waits for it.
    this.yielding =
      this.active.size === 0 &&
      this.places.isEmpty &&
      this.mayYield?.(machine.seq - this.firstSeq) === true;
    const begun = this.begin(pending);
    const ending = machine.ending();
    if (ending !== null) pending.record(ending);
    const effects = machine.takeEffects();
    if (effects.length > 0) await pending.addEffects(effects, host, this.created);
    const head = this.head(pending, begun.length);
    if (pending.empty && head.release !== true) {
      this.setTimer();
      return;
    }
    if (machine.seq >= this.nextSnapshotSeq && head.ended === undefined)
      await this.addSnapshot(pending);
    // Let go of meanwhile: starts that are written now would be of work that nobody begins.
    if (this.over) return;
    const result = await sendEntry(pending.toEntry(this.epoch, head), this.sender);
    if (this.over) return;
    if (result.kind === "ok") this.appended(pending, begun, { head, delivered: result.delivered });
    else this.abandon("fenced");
  }

  private takeOutcome(pending: PendingEntry): void {
    const taken = this.outcomes.shift();
    if (taken === undefined || !this.machine.awaits(taken.fact.path)) return;
    pending.recordOutcome(taken.fact, taken.activity);
    this.clearSuspicion();
  }

  private clearSuspicion(): void {
    if (this.stopTrial === null) return;
    this.stopTrial();
    this.stopTrial = null;
    this.onCleared();
  }

  /** What follows from an event may take a while, and others have their turn meanwhile. */
  private finishWork(): Promise<void> {
    return inTurns(this.machine.workSteps(), this.host.clock);
  }

  /** What is given lies in the inbox, where it is found even if this process ends now. */
  private async takeSlots(): Promise<void> {
    this.slotsDirty = false;
    const { machine, host, run, epoch } = this;
    if (!machine.awaitsSlots()) return;
    const given = await ifReached(host.store.takeSlots(run, epoch));
    if (given === undefined) this.slotsDirty = true;
    if (given === true) this.inboxDirty = true;
  }

  private async takeInbox(pending: PendingEntry): Promise<void> {
    this.inboxDirty = false;
    const items = await ifReached(this.host.store.inbox(this.run, itemsAtOnce));
    if (items === undefined) {
      this.inboxDirty = true;
      return;
    }
    // The rest is taken in the next turn, which follows at once.
    if (items.length === itemsAtOnce) this.pokeInbox();
    for (const item of items) {
      pending.more.taken.push(item.id);
      takeItem(item, pending);
      if (this.machine.hasWork) await this.finishWork();
    }
  }

  /** False when the run has to queue, or is not ours any more. */
  private async admit(pending: PendingEntry): Promise<boolean> {
    const { run, epoch, machine, host } = this;
    const wakeAtMs = machine.wakeAtMs();
    if (wakeAtMs !== null && wakeAtMs > pending.nowMs) {
      if (wakeAtMs - pending.nowMs > keepHotMs || !pending.empty || this.stopping)
        return this.queue(pending, { wakeAtMs, waitsFor: "its time" });
      // Others may call it off until then, and have it not begin at all.
      this.inboxDirty = true;
      this.setTimer();
      return false;
    }
    const { slots, states } = machine.admission();
    const result = await host.store.admit({ run, epoch, slots, states });
    this.holdsSlots = slots.length > 0;
    if (result.kind === "queued")
      return this.queue(pending, { wakeAtMs: null, waitsFor: "a free slot" });
    if (result.kind === "fenced") {
      this.abandon("fenced");
      return false;
    }
    pending.record({ kind: "run.started", states: result.states });
    if (machine.hasWork) await this.finishWork();
    for (const wait of machine.waits()) if (wait.path === "") pending.more.putWaits.push(wait);
    return true;
  }

  private async queue(
    pending: PendingEntry,
    why: Pick<HeadChange, "wakeAtMs" | "waitsFor">,
  ): Promise<false> {
    const head = { ...this.running(), ...why, status: "queued", release: true } as const;
    await sendEntry(pending.toEntry(this.epoch, head), this.sender);
    this.host.settled(this.run);
    this.abandon("released");
    return false;
  }

  /** Begins what is ready and may pass its gates. What has no work outside is done within the entry. */
  private begin(pending: PendingEntry): Work[] {
    const begun: Work[] = [];
    this.hasMore = false;
    // Who waits at a gate has begun nothing: others can wait there for him.
    if (this.stopping) this.places.dropExcept((path) => this.active.has(path));
    if (this.stopping || this.yielding) return begun;
    const { places, program } = this;
    places.look();
    const { length: before } = pending.events;
    for (;;) {
      const ready = places.next(begunAtOnce);
      if (ready.length === 0) break;
      if (pending.events.length - before >= begunAtOnce) {
        // The rest begins in the next turn. Those who wait at their gates have not all been seen.
        this.hasMore = true;
        this.again = true;
        return begun;
      }
      for (const activity of ready) {
        if (activity.kind === "person") pending.beginPerson(activity, program);
        else if (activity.kind === "receive") pending.beginReceive(activity);
        else if (activity.kind === "slot") pending.beginSlot(activity);
        else if (activity.kind === "emit") pending.emit(activity);
        else if (!places.mayPass(activity) || this.refusedByBreaker(activity, pending)) continue;
        else {
          pending.recordStart(activity);
          begun.push(activity);
        }
      }
    }
    const now = new Set(begun.map(({ path }) => path));
    places.finish((path) => this.active.has(path) || now.has(path));
    return begun;
  }

  private refusedByBreaker(activity: Work, pending: PendingEntry): boolean {
    const breaker = this.host.limits.breakerFor(this.program.plan.program, activity);
    const nowMs = this.host.clock.now();
    if (breaker === undefined || breaker.allows(nowMs)) return false;
    this.places.leave(activity.path);
    pending.recordStart(activity);
    const { path, attempt, callee } = activity;
    const message = `${callee} is not called for ${Math.ceil(breaker.openForMs(nowMs) / 1_000)} s more, because it kept failing`;
    pending.record({ kind: "activity.failed", path, attempt, code: "circuit_open", message });
    return true;
  }

  private async addSnapshot(pending: PendingEntry): Promise<void> {
    const { seq } = this.machine;
    const snapshot = await inTurns(this.machine.snapshotSteps(), this.host.clock);
    pending.more.rest.snapshot = snapshot;
    this.nextSnapshotSeq = nextSnapshotSeq({ seq, weight: snapshotWeight(snapshot) });
  }

  /** The entry is durable. */
  private appended(pending: PendingEntry, begun: readonly Work[], given: Appended): void {
    const { head, delivered } = given;
    this.actOn(pending, begun, delivered);
    if (head.ended !== undefined || head.release === true) {
      this.host.settled(this.run, endedRun(this.machine, head));
      const released = head.status === "running" ? "yielded" : "released";
      this.abandon(head.ended === undefined ? released : "ended");
      if (head.ended !== undefined && this.holdsSlots) this.host.slotsFreed();
      return;
    }
    if (head.status !== "running") this.host.settled(this.run);
    this.setTimer();
    // The run stands in line: there may be a free slot.
    if (joins(pending)) this.pokeInbox();
  }

  private actOn(pending: PendingEntry, begun: readonly Work[], delivered: readonly string[]): void {
    const { host, run } = this;
    const aborted = pending.rare === null ? none : new Set(pending.rare.aborts);
    for (const activity of begun)
      if (aborted.has(activity.path)) this.callOff(activity);
      else this.launch(activity);
    const deadLetters = pending.rare?.rest.deadLetters?.length ?? 0;
    host.appended(run, pending.events, this.machine, deadLetters);
    for (const other of delivered) host.notify(other);
    if (pending.rare === null) return;
    for (const path of pending.rare.aborts) this.active.get(path)?.abort();
    for (const task of pending.rare.putTasks) host.asked(task);
    for (const path of pending.rare.withdrawn) host.withdrawn(run, path);
    for (const next of pending.rare.starts) host.notify(next.run);
    for (const path of pending.rare.reminded) host.reminded(run, path);
    if (pending.rare.settled.length > 0) void settleLetters(run, pending.rare.settled, host);
  }

  /** Begun and called off in one turn, as by another step that was faster: it is not done at all. */
  private callOff(activity: Work): void {
    const { path, attempt, callee } = activity;
    this.places.leave(path);
    const message = `${callee} was stopped before it began`;
    this.outcomes.push({
      fact: { kind: "activity.failed", path, attempt, code: "cancelled", message },
      activity,
    });
    this.poke();
  }

  private launch(activity: Work): void {
    const { path } = activity;
    const { run, program, host, onActivityEnd: onEnd } = this;
    const breaker = host.limits.breakerFor(program.plan.program, activity);
    const { runActivity } = program;
    const passage = this.places.get(path);
    const { clock } = host;
    const given = { activity, run, runActivity, clock, breaker, passage, onEnd };
    const started = new ActivityRun(given);
    this.active.set(path, started);
    started.start();
  }

  private activityEnded(fact: Outcome, activity: Work): void {
    const { path } = activity;
    this.active.delete(path);
    this.places.leave(path);
    this.outcomes.push({ fact, activity });
    this.poke();
  }

  private running(): HeadChange {
    const { cost, tokensIn, tokensOut } = this.machine.spent;
    return { status: "running", wakeAtMs: null, waitsFor: null, cost, tokensIn, tokensOut };
  }

  private head(pending: PendingEntry, begun: number): HeadChange {
    const { machine } = this;
    // While something is under way nobody needs to know when the next timer is due: after a crash the run goes on at once.
    if (begun > 0 || this.active.size > 0 || !this.places.isEmpty) return this.running();
    if (machine.phase === "ended" && machine.outcome !== null) {
      const { status, output, error } = machine.outcome;
      return { ...this.running(), status, ended: { atMs: pending.nowMs, output, error } };
    }
    // What came in meanwhile is in no store yet, nor what was not begun: should this process end now, others have to go on at once.
    if (this.outcomes.length > 0 || this.hasMore) return this.running();
    if ((this.stopping || this.yielding) && machine.ready(1).length > 0)
      return { ...this.running(), release: true };
    const wakeAtMs = machine.wakeAtMs();
    const status: RunHead["status"] = machine.phase === "paused" ? "paused" : "waiting";
    const soon = wakeAtMs !== null && wakeAtMs - pending.nowMs <= keepHotMs;
    const waiting = {
      ...this.running(),
      status,
      wakeAtMs,
      waitsFor: encodeWaits(machine.reasonsToWait()),
    };
    const stays = this.again || (soon && !this.stopping) || joins(pending);
    return stays ? waiting : { ...waiting, release: true };
  }

  private setTimer(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
    const wakeAtMs = this.machine.wakeAtMs();
    if (wakeAtMs === null || this.over) return;
    this.stopTimer = this.host.clock.after(Math.max(0, wakeAtMs - this.host.clock.now()), () =>
      this.poke(),
    );
  }
}

function joins({ rare }: PendingEntry): boolean {
  return rare !== null && rare.joined.length > 0;
}
