/** Runs that stand, from a number on, and which of them wait for nothing. */
export interface StandingRuns {
  readonly seen: number;
  /** Number of the last one that was seen. */
  readonly last: number;
  readonly unexplained: readonly string[];
}

/** What a store is asked; both look up what each run waits for by an index. */
export interface StandingLook {
  after(n: number, limit: number): Promise<StandingRuns>;
  /** Those of these runs that still stand and wait for nothing. */
  among(runs: readonly string[]): Promise<readonly string[]>;
}

/** Runs looked at in one question: some milliseconds of work for whoever answers. */
export const standingAtOnce = 1_000;
/** Found ones that are looked at again. */
const maxKept = 1_000;

/**
 * Finds runs that stand for no reason. A million may stand for good ones, so each question looks at some of them, from where the one
 * before has ended; what was found is told until it has a reason.
 */
export class StandingRounds {
  private readonly look: StandingLook;
  private lastSeen = 0;
  private found: readonly string[] = [];

  constructor(look: StandingLook) {
    this.look = look;
  }

  async next(limit: number): Promise<readonly string[]> {
    const [{ seen, last, unexplained }, still] = await Promise.all([
      this.look.after(this.lastSeen, standingAtOnce),
      this.found.length === 0 ? [] : this.look.among(this.found),
    ]);
    this.lastSeen = seen < standingAtOnce ? 0 : last;
    this.found = [...new Set([...still, ...unexplained])].slice(0, maxKept);
    return this.found.slice(0, limit);
  }
}
