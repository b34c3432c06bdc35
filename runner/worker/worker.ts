import { StoreError } from "../ports/store-error.ts";
import type { Notice, Transport } from "../ports/transport.ts";
import { keepHotMs, type OwnerEnd } from "./run-owner-options.ts";
import type { RunOwner } from "./run-owner.ts";
import { BrokenRuns } from "./broken-runs.ts";
import { assumeRun, type FreshRun } from "./assume-run.ts";
import { letGo } from "./let-go.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import { SuspectLine } from "./suspect-line.ts";
import type { WorkerHost } from "./worker-host.ts";

export interface WorkerOptions {
  readonly host: WorkerHost;
  readonly transport: Transport;
  /** Name of this process in the store. */
  readonly session: string;
  /** Runs owned at once; further ones wait for their turn. */
  readonly maxRuns: number;
  /** Whether runs that nobody else started here are taken up too, as soon as nobody owns them. */
  readonly takeOver: boolean;
  /** Claims nothing: this process only starts runs, and others go on with them. */
  readonly idle?: boolean;
  /** The store can't be used any more. */
  readonly onFault: (error: unknown) => void;
}

/** Runs fetched at once when there is room for more. */
const refillSize = 1_000;
/** A run that was handed out makes room for others after this time, or this many events, if others wait. */
const sliceMs = 2_000;
const sliceEvents = 128;
/** How often other processes' doings are looked for: their inbox items, and runs they left. */
const pollMs = 1_000;

/** Claims runs that have something to do, and gives each an owner until it ends or waits. */
export class Worker {
  readonly options: WorkerOptions;
  private readonly owners = new Map<string, RunOwner>();
  /** Runs that this process goes on with whenever they can. */
  private readonly ours = new Set<string>();
  private readonly broken: BrokenRuns;
  /** Words that are being left about them. */
  private readonly partings = new Set<Promise<void>>();
  /** Runs let go because the store was out of reach or refused them, and their epochs if they are known: they may be leased to this process still. */
  private readonly stalled = new Map<string, number | null>();
  private readonly fresh = new Map<string, FreshRun>();
  private readonly suspects = new SuspectLine(() => this.owners.values());
  private readonly claiming = new Set<string>();
  /** Of these, the ones that may have got mail after they were looked at. */
  private readonly poked = new Set<string>();
  /** Runs that the transport handed out, and how to say that their places are free. */
  private readonly handed = new Map<string, (taken: boolean) => void>();
  /** Runs that can go on but found no place, the most urgent first. */
  private backlog: string[] = [];
  /** There are more of them in the store. */
  private moreBacklog = false;
  /** Until when what is due has been looked for. */
  private lookedMs = 0;
  private readonly stops: (() => void)[] = [];
  private stopWake: (() => void) | undefined;
  private polling = false;
  private closing = false;
  private readonly lease: LeaseKeeper;
  private idle: (() => void)[] = [];

  constructor(options: WorkerOptions) {
    this.options = options;
    const { session, host } = options;
    const { store, clock } = host;
    this.broken = new BrokenRuns({ clock, takeOver: options.takeOver });
    this.lease = new LeaseKeeper({
      store,
      clock,
      session,
      onLost: () => this.fence(),
      // The look in which this was found out may still be waiting for other answers.
      onRegained: () => this.resumeStalled(),
    });
  }

  async open(): Promise<void> {
    const { transport } = this.options;
    if (this.options.idle !== true) await this.lease.beat();
    if (!transport.handsOut) {
      this.stops.push(transport.receive((run) => this.attend(run)));
      this.stops.push(transport.receiveCancelHints((run) => this.attend(run)));
    } else {
      const poke = (run: string): void => {
        if (this.claiming.has(run)) this.poked.add(run);
        else this.owners.get(run)?.pokeInbox();
      };
      if (this.isFed) this.stops.push(transport.receive((run) => this.activate(run)));
      this.stops.push(transport.receiveCancelHints(poke));
    }
    this.every(pollMs, () => this.poll());
  }

  /** This process goes on with the run from now on. */
  adopt(run: string): void {
    // Who takes any run needs no list, and one that ends elsewhere would never leave it.
    if (!this.options.takeOver && this.options.idle !== true) this.ours.add(run);
    this.broken.forget(run);
  }

  /** A new run needs no folding: what made its first event goes on with it. */
  prepare(run: string, fresh: FreshRun): void {
    if (this.fresh.size < this.options.maxRuns && this.cares(run)) this.fresh.set(run, fresh);
  }

  /** Runs that this process owns now. */
  get owned(): number {
    return this.owners.size;
  }

  faultOf(run: string): Error | undefined {
    return this.broken.faultOf(run);
  }

  /** Claimed or about to be, and neither ended nor waiting: its state in the store says nothing that is final. */
  isBusyWith(run: string): boolean {
    return this.claiming.has(run) || this.owners.get(run)?.isBusy === true;
  }

  /** Looks after the run now, if it is ours and there is room, or tells those who may. */
  attend(run: string, notice: Notice = {}): void {
    const owner = this.owners.get(run);
    const { transport } = this.options;
    if (owner !== undefined) owner.pokeInbox();
    else if (this.cares(run) && (!transport.handsOut || this.hasRoom())) void this.claim(run);
    else if (transport.handsOut && !this.closing) {
      this.fresh.delete(run);
      transport.notify(run, notice);
    }
  }

  /** The transport hands the run out. Resolves when its place is free again, with whether it was taken. */
  private activate(run: string): Promise<boolean> {
    const owner = this.owners.get(run);
    owner?.pokeInbox();
    if (this.claiming.has(run)) this.poked.add(run);
    if (owner !== undefined || this.claiming.has(run)) return Promise.resolve(true);
    if (!this.cares(run)) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.handed.set(run, resolve);
      void this.claim(run);
    });
  }

  /** Whether the transport brings it all its work. */
  private get isFed(): boolean {
    const { transport, takeOver, idle } = this.options;
    return transport.handsOut && takeOver && idle !== true;
  }

  /** Runs that can go on and that nobody owns are ours now; gives their ids. */
  async recover(): Promise<readonly string[]> {
    const { host } = this.options;
    const runs = await host.store.runnable({ nowMs: host.clock.now(), limit: 10_000 });
    for (const run of runs) {
      this.adopt(run);
      this.attend(run);
    }
    return runs;
  }

  /** Looks for runs that have become able to go on. */
  async poll(): Promise<void> {
    if (this.polling || this.closing) return;
    this.polling = true;
    try {
      if (this.options.idle === true) return;
      const { hasRunOut, isDue, isLost } = this.lease;
      const isLate = hasRunOut || isLost || this.stalled.size > 0;
      if (isLate) await this.lease.beat();
      if (hasRunOut) await this.dropStolen();
      for (const owner of this.owners.values()) owner.remind();
      this.resumeStalled();
      // A beat in good time goes along with the look for work, which may be the transport's: a store can make one question of both.
      const beating = isDue && !isLate ? this.lease.beat(this.isFed ? pollMs : 0) : undefined;
      await Promise.all([beating, this.isFed ? undefined : this.look(), this.bringMail()]);
    } catch (error) {
      this.options.onFault(error);
    } finally {
      this.polling = false;
    }
  }

  /** What others have left in the inboxes of runs that are owned here. */
  private async bringMail(): Promise<void> {
    const { session, host } = this.options;
    if (this.owners.size === 0) return;
    for (const run of await host.store.runsWithMail(session)) this.owners.get(run)?.pokeInbox();
  }

  private async look(): Promise<void> {
    if (this.mayFind) await this.refill();
    await this.setWake();
  }

  /** Looks for work only: it is not yet time to ask what others have done. */
  private async lookAgain(): Promise<void> {
    if (this.polling || this.closing || this.options.idle === true) return;
    this.polling = true;
    try {
      await this.look();
    } catch (error) {
      this.options.onFault(error);
    } finally {
      this.polling = false;
    }
  }

  /** The store can be reached again. */
  private resumeStalled(): void {
    for (const run of this.stalled.keys()) {
      if (!this.hasRoom()) return;
      void this.claim(run);
    }
  }

  /** Whether there may be runs in the store that this process would take. */
  private get mayFind(): boolean {
    return this.ours.size > this.owners.size || this.options.takeOver;
  }

  /** Runs whose time comes before the next look are taken up now, and held until then, unless they would take the places of others. */
  private get aheadMs(): number {
    return this.owners.size + this.claiming.size <= this.options.maxRuns / 2 ? keepHotMs : 0;
  }

  /** Fetches what can go on, by priority and age. */
  private async refill(): Promise<void> {
    const { store, clock } = this.options.host;
    this.moreBacklog = false;
    const untilMs = clock.now() + this.aheadMs;
    const limit = refillSize + this.suspects.length;
    const runs = await store.runnable({ nowMs: untilMs, limit });
    this.lookedMs = untilMs;
    this.backlog = runs.filter((run) => !this.owners.has(run) && this.cares(run));
    this.moreBacklog = runs.length === limit && this.backlog.length > 0;
    this.next();
  }

  /** After a silence in which others may have taken runs: these are let go before they act any further. */
  private async dropStolen(): Promise<void> {
    const { store } = this.options.host;
    const look = async ([run, owner]: readonly [string, RunOwner]): Promise<void> => {
      const head = await store.head(run);
      if (head === null) return;
      const isOurs = head.epoch === owner.epoch && head.owner === this.options.session;
      if (!isOurs) owner.abandon("fenced");
    };
    await Promise.all([...this.owners].map(look));
  }

  /** Others may take the runs soon: whatever is under way here stops, and goes on when the store can be reached again. */
  private fence(): void {
    const owners = [...this.owners];
    if (owners.length === 0) return;
    const message = `the store has not answered for too long: ${owners.length} runs stand still here`;
    this.options.host.telemetry.log({ level: "warn", message });
    for (const [run, owner] of owners) {
      this.stalled.set(run, owner.epoch);
      owner.abandon("stalled");
    }
  }

  /** Stops claiming, lets what is under way finish for `graceMs`, and gives all runs back. */
  async close(graceMs: number): Promise<void> {
    this.closing = true;
    for (const stop of this.stops) stop();
    this.stopWake?.();
    const { clock, store } = this.options.host;
    for (const owner of this.owners.values()) owner.stop();
    if (this.owners.size > 0) {
      // What is under way is still nobody else's to begin.
      this.every(pollMs, () => this.lease.renew(this.options.onFault));
      await new Promise<void>((resolve) => {
        const stopTimer = clock.after(graceMs, resolve);
        this.idle.push(() => {
          stopTimer();
          resolve();
        });
      });
    }
    for (const stop of this.stops) stop();
    this.lease.stop();
    const left = [...this.owners.values()];
    for (const owner of left) owner.abandon("released");
    await Promise.all(this.partings);
    // A store that is full or away is no reason to stay: the session ends by itself.
    await store.endSession(this.options.session).catch(this.options.onFault);
    for (const owner of left) this.passOn(owner);
  }

  /** Others can go on with a run that has something to do. */
  private passOn({ run, epoch, created }: RunOwner): void {
    const { transport } = this.options;
    // The job that brought it may not be gone yet; the epoch tells the next one from it.
    if (transport.handsOut) transport.notify(run, { flow: created.flow, turn: epoch });
  }

  private cares(run: string): boolean {
    const { takeOver, idle } = this.options;
    if (this.closing || idle === true || this.lease.isLost || this.broken.has(run)) return false;
    return (takeOver || this.ours.has(run)) && this.suspects.mayClaim(run);
  }

  private async claim(run: string): Promise<void> {
    if (this.claiming.has(run)) {
      this.poked.add(run);
      return;
    }
    // What was handed out has its place already.
    if (!this.hasRoom() && !this.handed.has(run)) {
      // The store knows it and its priority; it is fetched from there when there is room.
      this.moreBacklog = true;
      return;
    }
    // It may have been taken up since it was let go.
    const stalledEpoch = this.stalled.get(run);
    this.stalled.delete(run);
    if (this.owners.has(run)) return;
    if (!this.suspects.begins(run)) {
      this.giveBack(run, false);
      return;
    }
    this.claiming.add(run);
    try {
      const { session, host } = this.options;
      // What was under way in its last epoch may still be on its way to the store.
      if (typeof stalledEpoch === "number") await host.store.release(run, stalledEpoch);
      const fresh = this.fresh.get(run);
      this.fresh.delete(run);
      const onEnd = (end: OwnerEnd, error?: unknown): void => this.ended(run, end, error);
      const owner = await assumeRun({
        run,
        session,
        host,
        onEnd,
        onCleared: () => this.suspectCleared(),
        renew: () => this.lease.beat(),
        ...(fresh === undefined ? {} : { fresh }),
        ...(this.handed.has(run) ? { mayYield: this.slice() } : {}),
      });
      if (owner === null) {
        if (stalledEpoch !== undefined) await this.disown(run);
        this.giveBack(run, false);
        return;
      }
      if (!this.suspects.admits(owner)) {
        await host.store.release(run, owner.epoch);
        this.giveBack(run, false);
        return;
      }
      if (this.closing) owner.stop();
      this.owners.set(run, owner);
      if (this.lease.isLost) this.fence();
      if (this.poked.has(run)) owner.pokeInbox();
      else owner.poke();
    } catch (error) {
      this.fail(run, error, stalledEpoch);
    } finally {
      this.claiming.delete(run);
      this.suspects.over(run);
      this.poked.delete(run);
      this.next();
    }
  }

  private suspectCleared(): void {
    this.suspects.cleared();
    this.moreBacklog = true;
    this.next();
  }

  /** A claim whose answer was lost may have been granted, and cannot be had again when the run is held by now. */
  private async disown(run: string): Promise<void> {
    const { session, host } = this.options;
    const head = await host.store.head(run);
    if (head?.owner === session && head.endedAtMs === null)
      await host.store.release(run, head.epoch);
  }

  /** Whether a run has had its turn and others wait for theirs. */
  private slice(): (events: number) => boolean {
    const { transport, host } = this.options;
    const beganMs = host.clock.monotonic();
    return (events) =>
      (events >= sliceEvents || host.clock.monotonic() - beganMs >= sliceMs) &&
      (transport.health().waiting ?? 0) > 0;
  }

  private giveBack(run: string, taken: boolean): void {
    const resolve = this.handed.get(run);
    this.handed.delete(run);
    resolve?.(taken);
  }

  private ended(run: string, end: OwnerEnd, error: unknown): void {
    const owner = this.owners.get(run);
    this.owners.delete(run);
    this.giveBack(run, true);
    if (owner !== undefined && (end === "yielded" || (end === "released" && owner.hasMail)))
      this.passOn(owner);
    if (end === "broken") this.fail(run, error, owner?.epoch);
    if (end === "ended") this.ours.delete(run);
    else if (end === "fenced" && owner !== undefined) {
      // It may be nobody's: then what it has begun is taken up under a new epoch.
      this.stalled.set(run, owner.epoch);
      this.attend(run);
    } else if (end !== "stalled") this.setWake().catch(this.options.onFault);
    this.next();
    if (this.owners.size > 0) return;
    const waiting = this.idle;
    this.idle = [];
    for (const resolve of waiting) resolve();
  }

  private fail(run: string, error: unknown, epoch: number | null = null): void {
    const text = error instanceof Error ? error.message : String(error);
    if (this.passes(error)) {
      this.stalled.set(run, epoch);
      this.giveBack(run, true);
      const verb = error.kind === "unreachable" ? "reached" : "used";
      const message = `run ${run} stands still until the store can be ${verb}: ${text}`;
      this.options.host.telemetry.log({ level: "warn", message, fields: { run } });
      return;
    }
    this.options.host.telemetry.log({
      level: "error",
      message: `run ${run} can't go on here: ${text}`,
      fields: { run },
    });
    this.giveBack(run, false);
    this.broken.remember(run, error instanceof Error ? error : new Error(text));
    const parting = this.letGo(run, error).finally(() => this.partings.delete(parting));
    this.partings.add(parting);
  }

  private async letGo(run: string, error: unknown): Promise<void> {
    const { host, session, onFault } = this.options;
    await letGo({ run, error }, { ...host, session }).catch(onFault);
    host.settled(run);
  }

  /**
   * Trouble of the store that is waited out. Who waits for a run of their own is told of a full disk instead; a process that works for
   * all has nobody who would start it again when there is room.
   */
  private passes(error: unknown): error is StoreError {
    if (!(error instanceof StoreError)) return false;
    const { kind } = error;
    return (
      kind === "unreachable" || (this.options.takeOver && (kind === "full" || kind === "busy"))
    );
  }

  private hasRoom(): boolean {
    return this.owners.size + this.claiming.size < this.options.maxRuns;
  }

  private next(): void {
    while (this.backlog.length > 0 && this.hasRoom()) this.attend(this.backlog.shift() ?? "");
    if (this.backlog.length > 0 || !this.moreBacklog || !this.hasRoom()) return;
    // One look at the store for several free places, unless there are few altogether.
    const free = this.options.maxRuns - this.owners.size - this.claiming.size;
    if (free >= Math.min(refillSize, this.options.maxRuns / 10)) void this.lookAgain();
  }

  /** Wakes up when the next run that nobody owns is due, which may be before the next poll. */
  private async setWake(): Promise<void> {
    const { store, clock } = this.options.host;
    // Those who hand runs out do it when their time comes.
    if (this.closing || this.isFed || !this.mayFind) return;
    // What was due before is being taken up, or can't be: to look for it again at once would find the same.
    const wakeAtMs = await store.nextWakeAtMs(this.lookedMs);
    this.stopWake?.();
    this.stopWake = undefined;
    if (wakeAtMs === null || this.closing) return;
    const delayMs = Math.max(0, wakeAtMs - this.aheadMs - clock.now());
    if (delayMs < pollMs) this.stopWake = clock.after(delayMs, () => void this.lookAgain());
  }

  private every(ms: number, work: () => Promise<void>): void {
    const { clock } = this.options.host;
    const index = this.stops.length;
    const tick = (): void => {
      void work();
      this.stops[index] = clock.after(ms, tick);
    };
    this.stops.push(clock.after(ms, tick));
  }
}
