import type { RunHead, Store } from "../../runner/ports/store.ts";

/** How long it took until harm was made good, in milliseconds. */
export interface Recovery {
  readonly kind: string;
  readonly ms: number;
}

const everyMs = 100;
const patienceMs = 60_000;
/** The harm does not wait for a store that is away. */
const lookMs = 1_000;

/**
 * Measures how soon runs go on elsewhere when the process that owned them was killed or stood still: until another one has
 * claimed them, or they have ended, or nobody has them because they wait for somebody else.
 */
export class Recoveries {
  readonly measured: Recovery[] = [];
  private readonly store: Store;
  private readonly pending = new Set<Promise<void>>();

  constructor(store: Store) {
    this.store = store;
  }

  /** To be called before the harm is done. */
  async watch(kind: string, pid: number): Promise<void> {
    const heads = await this.inTime(
      this.store.list({ status: ["queued", "running", "waiting"], limit: 1_000 }),
    );
    const owned = (heads ?? []).filter(({ owner }) => owner?.includes(`/${pid}/`) === true);
    const work = this.follow(kind, owned);
    this.pending.add(work);
    void work.finally(() => this.pending.delete(work));
  }

  async settled(): Promise<void> {
    await Promise.all(this.pending);
  }

  private async follow(kind: string, owned: readonly RunHead[]): Promise<void> {
    const beganAtMs = performance.now();
    const left = new Map(owned.map(({ run, epoch }) => [run, epoch]));
    while (left.size > 0 && performance.now() - beganAtMs < patienceMs) {
      await new Promise((resolve) => {
        setTimeout(resolve, everyMs);
      });
      for (const [run, epoch] of left) {
        const head = await this.inTime(this.store.head(run));
        if (head === null || isHarmed(head, epoch)) continue;
        left.delete(run);
        this.measured.push({ kind, ms: performance.now() - beganAtMs });
      }
    }
    for (const _ of left) this.measured.push({ kind, ms: Number.POSITIVE_INFINITY });
  }

  private async inTime<T>(work: Promise<T>): Promise<T | null> {
    const late = new Promise<null>((resolve) => {
      setTimeout(resolve, lookMs, null).unref();
    });
    return Promise.race([work.catch(() => null), late]);
  }
}

/** Nobody has claimed it since, and it neither has ended nor waits for somebody from outside. */
function isHarmed({ epoch: now, endedAtMs, owner, status }: RunHead, epoch: number): boolean {
  if (endedAtMs !== null || now !== epoch) return false;
  return owner !== null || (status !== "waiting" && status !== "paused");
}

/** From p50 to the worst, for a table. */
export function percentiles(values: readonly number[]): {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
} {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}
