/** A piece of work to be measured; what it returns is ignored but keeps the optimiser from removing it. */
export interface Candidate {
  readonly name: string;
  readonly work: () => unknown;
}

/** What one candidate took, per call of its work. */
export interface Measurement {
  readonly name: string;
  /** Median of the processor time of all threads, in milliseconds. */
  readonly cpuMs: number;
  /** Median of the elapsed time, in milliseconds. */
  readonly wallMs: number;
  /** Processor time of each round in milliseconds, in the order they were taken. */
  readonly cpuSamplesMs: readonly number[];
}

export interface MeasureOptions {
  /** How often each candidate is measured. */
  readonly rounds: number;
  /** Calls before the first round that are not counted; 0 measures a cold start. */
  readonly warmups: number;
}

/**
 * Measures candidates in turn, one round of each, then the next round. On a machine with neighbours a slow
 * second then hits all of them, and the ratio between two of them stays what it is. Processor time, because it
 * counts what the work costs and not how long it waited for its neighbours. Run with `--expose-gc` to start
 * each round with an empty heap.
 */
export async function measure(
  candidates: readonly Candidate[],
  options: MeasureOptions,
): Promise<Measurement[]> {
  for (const { work } of candidates) {
    for (let call = 0; call < options.warmups; call += 1) await work();
  }
  const samples = candidates.map(() => ({ cpu: [] as number[], wall: [] as number[] }));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [index, { work }] of candidates.entries()) {
      const { cpuMs, wallMs } = await measureOnce(work);
      samples[index]?.cpu.push(cpuMs);
      samples[index]?.wall.push(wallMs);
    }
  }
  return candidates.map(({ name }, index) => {
    const { cpu = [], wall = [] } = samples[index] ?? {};
    return { name, cpuMs: median(cpu), wallMs: median(wall), cpuSamplesMs: cpu };
  });
}

async function measureOnce(work: () => unknown): Promise<{ cpuMs: number; wallMs: number }> {
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1_000, wallMs };
}

/** The middle of the samples, or the mean of the two in the middle; NaN without samples. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The value below which that share of the samples lies, interpolated between neighbours. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}
