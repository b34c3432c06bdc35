import type { Clock } from "./ports/clock.ts";
import type { Store } from "./ports/store.ts";

/** How long a count of the backlog is believed, in milliseconds. */
const believedMs = 250;

/**
 * Whether so many runs wait for a worker that no more should be added. The store is not counted for each start: between two
 * counts, starts of this process are added to the last.
 */
export class QueueDepth {
  private readonly parts: { readonly store: Store; readonly clock: Clock; readonly limit: number };
  private countedMs = Number.NEGATIVE_INFINITY;
  private count = 0;

  constructor(parts: { readonly store: Store; readonly clock: Clock; readonly limit: number }) {
    this.parts = parts;
  }

  get limit(): number {
    return this.parts.limit;
  }

  async isFull(): Promise<boolean> {
    const { store, clock, limit } = this.parts;
    if (clock.monotonic() - this.countedMs >= believedMs) {
      this.countedMs = clock.monotonic();
      this.count = await store.backlog(limit);
    }
    return this.count >= limit;
  }

  /** A run was added. */
  added(): void {
    this.count += 1;
  }
}
