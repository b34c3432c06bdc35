import { Random } from "../simulation/random.ts";
import type { Fault, FaultKind } from "./faults.ts";

export interface FaultPlanOptions {
  readonly seed: number;
  /** Faults begin within this time. */
  readonly forMs: number;
  readonly kinds: readonly FaultKind[];
  readonly workers: number;
}

/** How long after one fault the next begins, on average; less when there is time for each kind only if they come sooner. */
const longGapMs = 2_200;
const firstMs = 1_500;

/** From and to, in milliseconds. */
type Range = readonly [number, number];

const durations: { readonly [kind in FaultKind]?: Range } = {
  // Longer than a lease, which is 9 s.
  "worker-freeze": [10_500, 13_000],
  "worker-pause": [300, 4_000],
  "redis-outage": [1_000, 6_000],
  "redis-freeze": [1_000, 5_000],
  "redis-memory": [1_000, 4_000],
  "postgres-outage": [500, 5_000],
  "disk-full": [500, 3_000],
  "link-slow": [1_000, 3_000],
  "link-deaf": [1_000, 4_000],
};

const sizes: { readonly [kind in FaultKind]?: Range } = {
  "worker-clock": [-8_000, 8_000],
  "commit-lost": [1, 6],
  // When the run is cancelled.
  "step-stuck": [200, 4_000],
  "link-slow": [20, 250],
};

/**
 * The same seed gives the same faults at the same times. Each kind comes once before any comes again; only poison comes just once, at the
 * beginning, because it takes a worker down again and again.
 */
export function planFaults(options: FaultPlanOptions): readonly Fault[] {
  const random = new Random(options.seed);
  const faults: Fault[] = [];
  if (options.kinds.includes("poison"))
    faults.push({ atMs: 0, kind: "poison", victim: 0, forMs: 0, size: 0 });
  const kinds = options.kinds.filter((kind) => kind !== "poison");
  if (kinds.length === 0) return faults;
  const meanGapMs = Math.min(longGapMs, options.forMs / (kinds.length + 1));
  let deck: FaultKind[] = [];
  let atMs = firstMs;
  while (atMs < options.forMs) {
    if (deck.length === 0) deck = shuffled(kinds, random);
    const kind = deck.pop() ?? "worker-kill";
    faults.push({
      atMs: Math.round(atMs),
      kind,
      victim: random.below(options.workers),
      forMs: within(durations[kind], random),
      size: within(sizes[kind], random),
    });
    atMs += meanGapMs * (0.25 + 1.5 * random.unit());
  }
  return faults;
}

function within(range: Range | undefined, random: Random): number {
  const [from, to] = range ?? [0, 0];
  return Math.round(from + (to - from) * random.unit());
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)[0] as T);
}
