import type { Clock } from "../ports/clock.ts";

/** So many runs at once; who finds no place waits for one, the first come first. */
export class Places {
  private readonly count: number;
  private readonly clock: Clock;
  private taken = 0;
  private readonly takers = new Set<(place: boolean) => void>();
  private readonly lookers: (() => void)[] = [];

  constructor(count: number, clock: Clock) {
    this.count = count;
    this.clock = clock;
  }

  get held(): number {
    return this.taken;
  }

  /** Places that nobody waits for. */
  get free(): number {
    return this.takers.size > 0 ? 0 : this.count - this.taken;
  }

  take(): boolean {
    if (this.free <= 0) return false;
    this.taken += 1;
    return true;
  }

  /** False when there was none within `forMs`, or `giveUp` was called. Without `forMs` it waits as long as it takes. */
  wait(forMs: number | null): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (place: boolean): void => {
        this.takers.delete(end);
        stop();
        resolve(place);
      };
      const stop = forMs === null ? () => {} : this.clock.after(forMs, () => end(false));
      this.takers.add(end);
    });
  }

  leave(): void {
    const [next] = this.takers;
    if (next !== undefined) {
      next(true);
      return;
    }
    this.taken -= 1;
    this.lookers.shift()?.();
  }

  /** Resolves when a place is free; each place that becomes free is shown to one of those who look. */
  look(): Promise<void> {
    return this.free > 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.lookers.push(resolve);
        });
  }

  /** Nobody waits any longer. */
  giveUp(): void {
    for (const end of this.takers) end(false);
  }
}
