/** A small seeded generator (mulberry32): the same seed gives the same plan, the same times, the same crashes. */
export class Random {
  state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to but not including 1. */
  unit(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let hash = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    hash = (hash + Math.imul(hash ^ (hash >>> 7), hash | 61)) ^ hash;
    return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to but not including `count`. */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }
}

/**
 * The seeds of a test: fixed ones, or the one that `SIMULATION_SEED` names, to look at a failure again. `SIMULATION_TIMES=20` takes twenty times
 * as many.
 */
export function seeds(count: number): readonly number[] {
  const chosen = process.env["SIMULATION_SEED"];
  if (chosen !== undefined) return [Number(chosen)];
  const times = Number(process.env["SIMULATION_TIMES"] ?? 1);
  return Array.from({ length: count * times }, (_, index) => index + 1);
}
