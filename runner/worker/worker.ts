import type { Transport } from "../ports/transport.ts";
import type { OwnerEnd, RunOwner } from "./run-owner.ts";
import { assumeRun, type FreshRun } from "./assume-run.ts";
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
  /** The store can't be used any more. */
  readonly onFault: (error: unknown) => void;
}

const leaseMs = 9_000;
const beatMs = 3_000;
/** Runs fetched at once when there is room for more. */
const refillSize = 1_000;
/** How often other processes' doings are looked for: their inbox items, and runs they left. */
const pollMs = 1_000;

/** Claims runs that have something to do, and gives each an owner until it ends or waits. */
export class Worker {
  readonly options: WorkerOptions;
  private readonly owners = new Map<string, RunOwner>();
  /** Runs that this process goes on with whenever they can. */
  private readonly ours = new Set<string>();
  /** Runs whose engine failed here: taking them up again would fail again. */
  private readonly broken = new Map<string, Error>();
  private readonly fresh = new Map<string, FreshRun>();
  private readonly claiming = new Set<string>();
  /** Runs that can go on but found no place, the most urgent first. */
  private backlog: string[] = [];
  /** There are more of them in the store. */
  private moreBacklog = false;
  private readonly stops: (() => void)[] = [];
  private stopWake: (() => void) | undefined;
  private polling = false;
  private closing = false;
  private lastBeatMs = 0;
  private idle: (() => void)[] = [];

  constructor(options: WorkerOptions) {
    this.options = options;
  }

  async open(): Promise<void> {
    const { transport } = this.options;
    await this.beat();
    this.stops.push(transport.receive((run) => this.attend(run)));
    this.stops.push(transport.receiveCancelHints((run) => this.attend(run)));
    this.every(pollMs, () => this.poll());
  }

  /** This process goes on with the run from now on. */
  adopt(run: string): void {
    this.ours.add(run);
    this.broken.delete(run);
  }

  /** A new run needs no folding: what made its first event goes on with it. */
  prepare(run: string, fresh: FreshRun): void {
    if (this.fresh.size < this.options.maxRuns) this.fresh.set(run, fresh);
  }

  faultOf(run: string): Error | undefined {
    return this.broken.get(run);
  }

  /** Claimed or about to be, and neither ended nor waiting: its state in the store says nothing that is final. */
  isBusyWith(run: string): boolean {
    return this.claiming.has(run) || this.owners.get(run)?.isBusy === true;
  }

  /** Looks after the run now, if it is ours. */
  attend(run: string): void {
    const owner = this.owners.get(run);
    if (owner !== undefined) owner.pokeInbox();
    else if (this.cares(run)) void this.claim(run);
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
      const { clock } = this.options.host;
      const sinceBeatMs = clock.monotonic() - this.lastBeatMs;
      if (sinceBeatMs >= beatMs) await this.beat();
      if (sinceBeatMs >= leaseMs) await this.dropStolen();
      for (const owner of this.owners.values()) owner.pokeInbox();
      if (this.ours.size > this.owners.size || this.options.takeOver) await this.refill();
      await this.setWake();
    } catch (error) {
      this.options.onFault(error);
    } finally {
      this.polling = false;
    }
  }

  /** Fetches what can go on, by priority and age. */
  private async refill(): Promise<void> {
    const { store, clock } = this.options.host;
    this.moreBacklog = false;
    const runs = await store.runnable({ nowMs: clock.now(), limit: refillSize });
    this.backlog = runs.filter((run) => !this.owners.has(run) && this.cares(run));
    this.moreBacklog = runs.length === refillSize && this.backlog.length > 0;
    this.next();
  }

  /** After a silence in which others may have taken runs: these are let go before they act any further. */
  private async dropStolen(): Promise<void> {
    for (const [run, owner] of this.owners) {
      const head = await this.options.host.store.head(run);
      if (head !== null && head.epoch !== owner.epoch) owner.abandon("fenced");
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
      await new Promise<void>((resolve) => {
        const stopTimer = clock.after(graceMs, resolve);
        this.idle.push(() => {
          stopTimer();
          resolve();
        });
      });
    }
    for (const owner of this.owners.values()) owner.abandon("released");
    await store.endSession(this.options.session);
  }

  private cares(run: string): boolean {
    return !this.closing && !this.broken.has(run) && (this.options.takeOver || this.ours.has(run));
  }

  private async claim(run: string): Promise<void> {
    if (this.claiming.has(run)) return;
    if (!this.hasRoom()) {
      // The store knows it and its priority; it is fetched from there when there is room.
      this.moreBacklog = true;
      return;
    }
    this.claiming.add(run);
    try {
      const { session, host } = this.options;
      const fresh = this.fresh.get(run);
      this.fresh.delete(run);
      const onEnd = (end: OwnerEnd, error?: unknown): void => this.ended(run, end, error);
      const owner = await assumeRun({
        run,
        session,
        host,
        onEnd,
        ...(fresh === undefined ? {} : { fresh }),
      });
      if (owner === null) return;
      if (this.closing) owner.stop();
      this.owners.set(run, owner);
      owner.poke();
    } catch (error) {
      this.fail(run, error);
    } finally {
      this.claiming.delete(run);
      this.next();
    }
  }

  private ended(run: string, end: OwnerEnd, error: unknown): void {
    this.owners.delete(run);
    if (end === "broken") this.fail(run, error);
    if (end === "ended") this.ours.delete(run);
    else if (end === "fenced") this.attend(run);
    else void this.setWake();
    this.next();
    if (this.owners.size > 0) return;
    const waiting = this.idle;
    this.idle = [];
    for (const resolve of waiting) resolve();
  }

  private fail(run: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.options.host.telemetry.log({
      level: "error",
      message: `run ${run} can't go on here: ${text}`,
      fields: { run },
    });
    this.broken.set(run, error instanceof Error ? error : new Error(text));
    this.options.host.settled(run);
  }

  private hasRoom(): boolean {
    return this.owners.size + this.claiming.size < this.options.maxRuns;
  }

  private next(): void {
    while (this.backlog.length > 0 && this.hasRoom()) this.attend(this.backlog.shift() ?? "");
    if (this.backlog.length > 0 || !this.moreBacklog || !this.hasRoom()) return;
    // One look at the store for several free places, unless there are few altogether.
    const free = this.options.maxRuns - this.owners.size - this.claiming.size;
    if (free >= Math.min(refillSize, this.options.maxRuns / 10)) void this.poll();
  }

  private async beat(): Promise<void> {
    const { host, session } = this.options;
    this.lastBeatMs = host.clock.monotonic();
    await host.store.beat(session, leaseMs);
  }

  /** Wakes up when the next run that nobody owns is due, which may be before the next poll. */
  private async setWake(): Promise<void> {
    const { store, clock } = this.options.host;
    if (this.closing) return;
    const wakeAtMs = await store.nextWakeAtMs();
    this.stopWake?.();
    this.stopWake = undefined;
    if (wakeAtMs === null || this.closing) return;
    const delayMs = Math.max(0, wakeAtMs - clock.now());
    if (delayMs < pollMs) this.stopWake = clock.after(delayMs, () => void this.poll());
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
