import type { Clock } from "../ports/clock.ts";

/** How long a server may fail before one does without it. */
const openAfterMs = 1_000;

/**
 * Tells apart a hiccup from an outage: opens when a server has done nothing but fail for a second, and closes with its first
 * success, which only a probe can bring about.
 */
export class RedisCircuit {
  private readonly clock: Clock;
  private readonly onChange: (open: boolean) => void;
  private failingSinceMs: number | null = null;
  private stopTimer: (() => void) | undefined;
  private opened: boolean;
  private lastProblem: string | null;

  /** `problem`: it is out of reach from the beginning. */
  constructor(options: {
    readonly clock: Clock;
    readonly problem: string | null;
    readonly onChange: (open: boolean) => void;
  }) {
    this.clock = options.clock;
    this.onChange = options.onChange;
    this.lastProblem = options.problem;
    this.opened = options.problem !== null;
  }

  get isOpen(): boolean {
    return this.opened;
  }

  /** Why it failed last; null while it works. */
  get problem(): string | null {
    return this.lastProblem;
  }

  /** `sinceMs` on the monotonic clock: when what failed now began, which is long ago for a time-out. */
  failed(problem: string, sinceMs = this.clock.monotonic()): void {
    this.lastProblem = problem;
    if (this.opened) return;
    if (this.failingSinceMs !== null && this.failingSinceMs <= sinceMs) return;
    this.failingSinceMs = sinceMs;
    this.stopTimer?.();
    const leftMs = sinceMs + openAfterMs - this.clock.monotonic();
    if (leftMs <= 0) this.open();
    else this.stopTimer = this.clock.after(leftMs, () => this.open());
  }

  succeeded(): void {
    this.lastProblem = null;
    this.failingSinceMs = null;
    this.stopTimer?.();
    if (!this.opened) return;
    this.opened = false;
    this.onChange(false);
  }

  close(): void {
    this.stopTimer?.();
  }

  private open(): void {
    this.opened = true;
    this.failingSinceMs = null;
    this.onChange(true);
  }
}
