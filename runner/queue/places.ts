import type { Clock } from "../ports/clock.ts";

/** So many runs at once; who finds no place waits for one, the first come first. */
export class Places {
  private readonly count: number;
  private readonly clock: Clock;
  private taken = 0;
  private readonly takers = new Set<(place: boolean) => void>();
  private readonly lookers = new Set<() => void>();

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
    const [looker] = this.lookers;
    if (looker === undefined) return;
    this.lookers.delete(looker);
    looker();
  }

  /** `seen` resolves when a place is free; each place that becomes free is shown to one of those who look. */
  look(): { readonly seen: Promise<void>; readonly stop: () => void } {
    if (this.free > 0) return { seen: Promise.resolve(), stop: () => {} };
    let stop = (): void => {};
    const seen = new Promise<void>((resolve) => {
      this.lookers.add(resolve);
      stop = () => void this.lookers.delete(resolve);
    });
    return { seen, stop };
  }

  /** Nobody waits any longer. */
  giveUp(): void {
    for (const end of this.takers) end(false);
  }
}
