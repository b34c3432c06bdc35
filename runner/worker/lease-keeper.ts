import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";

/** After so long without a renewal others may take the runs of this process. */
export const leaseMs = 9_000;
const beatMs = 3_000;
/** After so long without a renewal nothing that this process has begun goes on: before others can begin it again. */
const fenceMs = leaseMs - 2_000;
/** For so long before that, a process that waits for no answer may ask for a renewal once more. */
const lastChanceMs = 1_500;
/** And one that stood still beyond that, and has much to catch up with. Whoever wanted its runs has them by now, or nobody has. */
const lateChanceMs = 3_000;

export interface LeaseKeeperOptions {
  readonly store: Pick<Store, "beat">;
  readonly clock: Clock;
  /** Name of this process in the store. */
  readonly session: string;
  /** The store does not answer, and the lease is about to end: whatever is under way has to stop now. */
  readonly onLost: () => void;
  /** It was lost, and is renewed: what had to stop can go on. */
  readonly onRegained?: () => void;
}

/** Renews the lease of a process, and says when it can't be sure of it any more. Only the monotonic clock counts. */
export class LeaseKeeper {
  private readonly options: LeaseKeeperOptions;
  /** When the last renewal that has succeeded was asked for: the store counts from there, or later. */
  private renewedMs = 0;
  /** Renewals that were asked for and not answered. */
  private asked = 0;
  private lost = false;
  private stopped = false;
  private stopWatch: (() => void) | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.options = options;
  }

  /** No run may be taken or worked on. */
  get isLost(): boolean {
    return this.lost;
  }

  /** Others may have taken runs of this process meanwhile. */
  get hasRunOut(): boolean {
    return this.sinceMs >= leaseMs;
  }

  get isDue(): boolean {
    return this.sinceMs >= beatMs;
  }

  async beat(mayWaitMs = 0): Promise<void> {
    // What ends now must not seem to live again.
    if (this.stopped) return;
    const { store, clock, session } = this.options;
    const askedMs = clock.monotonic();
    this.asked += 1;
    try {
      await store.beat(session, leaseMs, mayWaitMs);
    } finally {
      this.asked -= 1;
    }
    this.renewedMs = Math.max(this.renewedMs, askedMs);
    const wasLost = this.lost;
    // An answer that was long on its way says nothing about now.
    if (this.sinceMs < fenceMs) this.lost = false;
    this.watch(fenceMs - lastChanceMs - this.sinceMs, () => this.askOnceMore());
    if (wasLost && !this.lost) this.options.onRegained?.();
  }

  /** Beats if it is time to. */
  async renew(onFault: (error: unknown) => void): Promise<void> {
    if (this.isDue) await this.beat().catch(onFault);
  }

  stop(): void {
    this.stopped = true;
    this.stopWatch?.();
    this.stopWatch = undefined;
  }

  private get sinceMs(): number {
    return this.options.clock.monotonic() - this.renewedMs;
  }

  private watch(delayMs: number, then: () => void): void {
    this.stopWatch?.();
    if (this.stopped) return;
    this.stopWatch = this.options.clock.after(Math.max(0, delayMs), then);
  }

  /** Whoever is about to ask may stand still himself, waiting for another answer of the store. */
  private askOnceMore(): void {
    const leftMs = this.asked > 0 ? fenceMs - this.sinceMs : 0;
    const chanceMs = this.sinceMs >= fenceMs ? lateChanceMs : lastChanceMs;
    this.watch(Math.max(chanceMs, leftMs), () => this.lose());
    // What becomes of it is seen by whether it has come in time.
    if (this.asked === 0) this.beat().catch(() => undefined);
  }

  private lose(): void {
    this.lost = true;
    this.options.onLost();
  }
}
