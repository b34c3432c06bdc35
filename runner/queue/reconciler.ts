import type { Clock } from "../ports/clock.ts";
import type { Duty } from "../ports/duty.ts";
import type { Store } from "../ports/store.ts";
import type { Transport } from "../ports/transport.ts";

export interface ReconcilerOptions {
  readonly store: Pick<Store, "runnable" | "head">;
  readonly transport: Pick<Transport, "notify" | "health">;
  readonly clock: Clock;
  /** Whether this process is the one that does it. Two that do it by mistake do no harm. */
  readonly isLeader: () => boolean;
  /** Learns how full the queues are now. */
  readonly refresh: () => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** How often the store is asked for what nobody has taken. */
const everyMs = 1_000;
/** How soon while the queues are too full for all of it; less and less often while nothing moves. */
const hurriedMs = 25;
const maxHurriedMs = 200;
/** A notice is given this time to reach somebody before it is repeated; twice that before the next one, and so on. */
const graceMs = 1_000;
const maxDoublings = 4;
/**
 * A run whose time comes before the next look is sent now: its owner holds it until then, and so begins on the millisecond.
 */
const aheadMs = everyMs;
const maxRuns = 5_000;
/** Runs whose flow and priority are read to go with their notices. */
const maxNamed = 20;

interface Sent {
  atMs: number;
  times: number;
}

/**
 * Makes sure that what is ready is also noticed: repeats notices that got lost, and sends those that found no room in the
 * queues before.
 */
export class Reconciler implements Duty {
  readonly name = "reconcile";
  readonly everyMs = everyMs;
  private readonly options: ReconcilerOptions;
  private readonly sent = new Map<string, Sent>();
  private stopTimer: (() => void) | undefined;
  private looking: Promise<number> | undefined;
  private nudged = false;
  /** There is more than there was room for. */
  private full = false;
  private paceMs = hurriedMs;
  private lastLookMs = 0;
  private opened = false;
  private closed = false;

  constructor(options: ReconcilerOptions) {
    this.options = options;
  }

  /** Takes its turns by itself from now on. */
  open(): void {
    this.opened = true;
    this.schedule(everyMs);
  }

  /** All notices are lost. */
  redispatch(): void {
    this.sent.clear();
    this.nudged = true;
    this.schedule(0);
  }

  /** Something may have become ready that nobody gives notice of; looked for soon, whoever leads. */
  nudge(): void {
    if (this.nudged) return;
    this.nudged = true;
    this.schedule(hurriedMs);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stopTimer?.();
    await this.looking;
  }

  async turn(): Promise<number> {
    const nextMs = await this.look();
    return this.options.clock.now() + nextMs;
  }

  private schedule(delayMs: number): void {
    this.stopTimer?.();
    if (this.closed) return;
    this.stopTimer = this.options.clock.after(delayMs, () => {
      void this.look().then((nextMs) => {
        if (this.opened || nextMs < everyMs) this.schedule(nextMs);
      });
    });
  }

  /** Sends what is ready; gives the time until the next look. */
  private look(): Promise<number> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async lookOnce(): Promise<number> {
    const { isLeader, transport, refresh, onFault } = this.options;
    const nudged = this.nudged;
    this.nudged = false;
    try {
      if (this.full) await refresh();
      this.full = false;
      const { room, waiting, mode } = transport.health();
      if (mode !== "redis" || !(nudged || isLeader())) this.sent.clear();
      else if (!nudged && (waiting ?? 0) > (room ?? maxRuns) && !this.isTurn()) {
        // The queue is not even half empty: whoever fills it needs no help.
        this.full = true;
        this.paceMs = Math.min(maxHurriedMs, this.paceMs * 2);
      } else {
        const sent = await this.send(room ?? maxRuns, nudged);
        this.paceMs = sent > 0 ? hurriedMs : Math.min(maxHurriedMs, this.paceMs * 2);
      }
    } catch (error) {
      onFault(error);
    }
    if (this.nudged) return hurriedMs;
    return this.full ? this.paceMs : everyMs;
  }

  /** Whether the store was not looked at for the usual time. */
  private isTurn(): boolean {
    return this.options.clock.monotonic() - this.lastLookMs >= everyMs;
  }

  /** Gives how many notices it sent. */
  private async send(room: number, nudged: boolean): Promise<number> {
    const { store, clock, transport } = this.options;
    this.full = room <= 0;
    if (this.full) return 0;
    this.lastLookMs = clock.monotonic();
    const waiting = transport.health().waiting ?? 0;
    const limit = Math.min(maxRuns, room + waiting + this.sent.size + 1);
    const runs = await store.runnable({ nowMs: clock.now() + aheadMs, limit });
    const nowMs = clock.monotonic();
    this.forgetTaken(new Set(runs));
    // Where more is ready than is under way, some of it was not noticed; those that were are not sent twice by Redis.
    const silent = nudged || runs.length > waiting;
    const due = runs.filter((run) => this.isDue(run, nowMs, silent));
    const chosen = due.slice(0, room);
    // The store's order is that of priority and age, and the queue keeps it; many are not worth asking for their names.
    const named = chosen.length <= maxNamed;
    await Promise.all(chosen.map((run) => this.notify(run, { nowMs, named })));
    this.full = due.length > chosen.length || runs.length === limit;
    return chosen.length;
  }

  private isDue(run: string, nowMs: number, silent: boolean): boolean {
    const sent = this.sent.get(run);
    if (sent === undefined) {
      if (!silent) this.sent.set(run, { atMs: nowMs, times: 0 });
      return silent;
    }
    return nowMs - sent.atMs >= graceMs * 2 ** Math.min(maxDoublings, Math.max(0, sent.times - 1));
  }

  private async notify(
    run: string,
    { nowMs, named }: { readonly nowMs: number; readonly named: boolean },
  ): Promise<void> {
    const { store, transport } = this.options;
    const times = this.sent.get(run)?.times ?? 0;
    this.sent.set(run, { atMs: nowMs, times: times + 1 });
    const head = named ? await store.head(run) : null;
    const about = head === null ? {} : { flow: head.flow, priority: head.priority };
    transport.notify(run, { ...about, turn: times });
  }

  private forgetTaken(ready: ReadonlySet<string>): void {
    for (const run of this.sent.keys()) if (!ready.has(run)) this.sent.delete(run);
  }
}
