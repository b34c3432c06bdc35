/** How much later than the one before it a run of the same key has its turn while its key has a backlog, in milliseconds. */
export const spacingMs = 1_000;

/** Each level of priority counts as so long a wait, in milliseconds: after nine minutes a background run goes before a new critical one. */
export const headStartMs = 60_000;

/**
 * Where new runs stand among those that are ready, as a time: the earliest goes first. A run that nobody is before stands at the
 * time of its creation. A key with a backlog gets places further and further in the future, so that a thousand runs of one
 * tenant don't delay the single run of another. Priority is a head start, so nothing waits for ever.
 */
export class FairPlaces {
  private readonly isWaiting: (run: string) => boolean;
  private readonly last = new Map<string, { readonly run: string; readonly turnMs: number }>();

  /** `isWaiting` says whether a run that was created has not been claimed yet. */
  constructor(isWaiting: (run: string) => boolean) {
    this.isWaiting = isWaiting;
  }

  /** Milliseconds since 1970. */
  place(run: {
    readonly run: string;
    readonly key: string;
    readonly priority: number;
    readonly nowMs: number;
  }): number {
    const turnMs = Math.max(run.nowMs, this.turnAfterBacklog(run.key, run.nowMs));
    if (this.last.size >= maxKeys) this.last.clear();
    this.last.set(run.key, { run: run.run, turnMs });
    return turnMs - run.priority * headStartMs;
  }

  private turnAfterBacklog(key: string, nowMs: number): number {
    const last = this.last.get(key);
    // Runs of a key go in their order, so when the last one has been claimed there is no backlog.
    if (last === undefined || last.turnMs + spacingMs <= nowMs || !this.isWaiting(last.run))
      return nowMs;
    return last.turnMs + spacingMs;
  }
}

const maxKeys = 100_000;
