import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Store } from "../ports/store.ts";
import type { Transport, TransportHealth } from "../ports/transport.ts";

export interface PollingOptions {
  readonly store: Pick<Store, "runnable">;
  readonly clock: Clock;
  readonly random: Pick<Random, "unit">;
  /** How many runs may be handed out to this process at once. */
  readonly places: () => number;
  /** The store could not be asked; it is asked again. */
  readonly onFault: (error: unknown) => void;
}

/** How soon the store is asked again while there is work. */
const busyMs = 20;
/** How often it is asked while there is none. */
const idleMs = 1_000;
/**
 * A run whose time comes before the next look is handed out now: its owner holds it until then, and so begins on the
 * millisecond.
 */
const aheadMs = idleMs;
/** A run that could not be taken here is not offered again for this time. */
const refusedMs = 1_000;
/** Of how many more runs than there are places the choice is made while others take the same ones. */
const maxCrowding = 8;

type Listener = (run: string) => Promise<boolean> | void;

/**
 * Hands out what the store says is ready, without any hint from outside: quickly while there is work, once a second while
 * there is none. Processes on one store find the same runs; the more of them are taken by others, the wider each one
 * chooses.
 */
export class PollingTransport implements Transport {
  readonly handsOut = true;
  private readonly options: PollingOptions;
  private readonly listeners = new Set<Listener>();
  private readonly cancelListeners = new Set<(run: string) => void>();
  private readonly active = new Set<string>();
  private readonly refused = new Map<string, number>();
  private delayMs = idleMs;
  private crowding = 1;
  private stopTimer: (() => void) | undefined;
  private looking: Promise<void> | undefined;
  private lookAgain = false;
  private paused = false;
  private problem: string | null = null;
  private lastReceivedAtMs: number | null = null;

  constructor(options: PollingOptions) {
    this.options = options;
  }

  /** The store is not asked while something else hands runs out. */
  pause(): void {
    this.paused = true;
    this.stopTimer?.();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.hurry();
  }

  /** What this process brings about itself need not be looked for. */
  notify(run: string): void {
    this.refused.delete(run);
    if (this.paused || this.listeners.size === 0) return;
    if (this.active.size < this.options.places()) void this.handOut(run);
    else this.delayMs = busyMs;
  }

  receive(listener: Listener): () => void {
    this.listeners.add(listener);
    this.hurry();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.stopTimer?.();
    };
  }

  nudge(): void {
    this.hurry();
  }

  cancelHint(run: string): void {
    for (const listener of this.cancelListeners) listener(run);
  }

  receiveCancelHints(listener: (run: string) => void): () => void {
    this.cancelListeners.add(listener);
    return () => this.cancelListeners.delete(listener);
  }

  async drain(): Promise<void> {
    await this.looking;
  }

  health(): TransportHealth {
    return {
      ok: this.problem === null,
      mode: "polling",
      connected: true,
      queued: 0,
      waiting: null,
      room: null,
      active: this.active.size,
      lastReceivedAtMs: this.lastReceivedAtMs,
      problem: this.problem,
      pools: [],
    };
  }

  async close(): Promise<void> {
    this.pause();
    this.listeners.clear();
    this.cancelListeners.clear();
    await this.looking;
  }

  /** Asks the store now. */
  private hurry(): void {
    this.delayMs = busyMs;
    this.schedule(0);
  }

  private schedule(delayMs: number): void {
    this.stopTimer?.();
    if (this.paused || this.listeners.size === 0) return;
    this.stopTimer = this.options.clock.after(delayMs, () => this.look());
  }

  private look(): void {
    if (this.looking !== undefined) {
      this.lookAgain = true;
      return;
    }
    this.looking = this.lookOnce().then(() => {
      this.looking = undefined;
      const again = this.lookAgain;
      this.lookAgain = false;
      this.schedule(again ? 0 : this.delayMs);
    });
  }

  private async lookOnce(): Promise<void> {
    const { store, clock, places, onFault } = this.options;
    const free = places() - this.active.size;
    // A place that becomes free looks at once.
    if (free <= 0) return;
    try {
      const limit = free * this.crowding + this.active.size + this.refused.size;
      const runs = await store.runnable({ nowMs: clock.now() + aheadMs, limit });
      this.problem = null;
      const handed = this.choose(runs, free).map((run) => this.handOut(run));
      const taken = (await Promise.all(handed)).filter((held) => held).length;
      this.adapt(handed.length, taken);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      this.delayMs = idleMs;
      onFault(error);
    }
  }

  /** The most urgent that are not tried here yet, or any of them while others are after the most urgent too. */
  private choose(runs: readonly string[], free: number): readonly string[] {
    const nowMs = this.options.clock.monotonic();
    for (const [run, untilMs] of this.refused) if (untilMs <= nowMs) this.refused.delete(run);
    const open = runs.filter((run) => !this.active.has(run) && !this.refused.has(run));
    if (this.crowding > 1) {
      for (let index = open.length - 1; index > 0; index -= 1) {
        const other = Math.floor(this.options.random.unit() * (index + 1));
        [open[index], open[other]] = [open[other] ?? "", open[index] ?? ""];
      }
    }
    return open.slice(0, free);
  }

  private adapt(handed: number, taken: number): void {
    this.delayMs = taken > 0 ? busyMs : Math.min(idleMs, this.delayMs * 2);
    if (handed === 0) return;
    this.crowding =
      taken * 2 < handed
        ? Math.min(maxCrowding, this.crowding * 2)
        : Math.max(1, Math.floor(this.crowding / 2));
  }

  /** Resolves as soon as it is known whether the run was taken, which is before it is given back. */
  private handOut(run: string): Promise<boolean> {
    const { clock } = this.options;
    const held: Promise<boolean>[] = [];
    this.active.add(run);
    for (const listener of this.listeners) {
      const result = listener(run);
      if (result !== undefined) held.push(result);
    }
    if (held.length > 0) this.lastReceivedAtMs = clock.now();
    const end = Promise.all(held).then(
      (results) => results.includes(true),
      () => false,
    );
    return new Promise((resolve) => {
      // A claim is a matter of milliseconds; what lasts longer was taken.
      const stop = clock.after(busyMs, () => resolve(true));
      void end.then((taken) => {
        stop();
        resolve(taken);
        this.release(run, taken);
      });
    });
  }

  private release(run: string, taken: boolean): void {
    this.active.delete(run);
    if (!taken) this.refused.set(run, this.options.clock.monotonic() + refusedMs);
    // Others may have found no place.
    else if (this.active.size === this.options.places() - 1) this.hurry();
  }
}
