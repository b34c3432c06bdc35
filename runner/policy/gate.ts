import type { RatePlan } from "../../plan/plan.ts";
import type { Clock } from "../ports/clock.ts";

export interface GateLimits {
  readonly rate?: RatePlan | undefined;
  readonly concurrency?: number | undefined;
}

/** Lets callers through in the order they came, as many at once and as often as the limits allow. Nothing is dropped. */
export interface Gate {
  /** Calls back, possibly at once, when the caller may go. Gives the way to stop waiting. */
  enter(go: () => void): () => void;
  /** One that went through is done. */
  leave(): void;
  readonly waiting: number;
  readonly inside: number;
  /** Whether who went through may begin now. One that took too long asks once more, where it is. Gates without these hold no rate. */
  readonly isFresh?: () => boolean;
  readonly again?: (go: () => void) => () => void;
}

/**
 * The rate holds in every window, not only on average: the times of the last `count` entries are kept, and the
 * next one has to wait until the oldest of them is `perMs` old. A bucket that refills would let twice as many
 * through around its edge.
 */
export function createGate(limits: GateLimits, clock: Clock): Gate {
  const queue: { readonly go: () => void }[] = [];
  const entries: number[] = [];
  const room = limits.concurrency ?? Number.POSITIVE_INFINITY;
  let inside = 0;
  let stopTimer: (() => void) | undefined;

  function waitMs(): number {
    const { rate } = limits;
    if (rate === undefined || entries.length < rate.count) return 0;
    return Math.max(0, (entries[0] ?? 0) + rate.perMs - clock.monotonic());
  }

  function advance(): void {
    while (queue.length > 0 && inside < room) {
      const delayMs = waitMs();
      if (delayMs > 0) {
        stopTimer ??= clock.after(delayMs, () => {
          stopTimer = undefined;
          advance();
        });
        return;
      }
      const next = queue.shift();
      inside += 1;
      if (limits.rate !== undefined) {
        entries.push(clock.monotonic());
        if (entries.length > limits.rate.count) entries.shift();
      }
      next?.go();
    }
  }

  return {
    enter(go) {
      const entry = { go };
      queue.push(entry);
      advance();
      return () => {
        const index = queue.indexOf(entry);
        if (index >= 0) queue.splice(index, 1);
        if (queue.length === 0) {
          stopTimer?.();
          stopTimer = undefined;
        }
      };
    },
    leave() {
      inside -= 1;
      advance();
    },
    get waiting() {
      return queue.length;
    },
    get inside() {
      return inside;
    },
  };
}
