/** A run that has got nowhere while so many processes in a row ended may be what ends them. */
export const suspectAfter = 3;

/** So many suspects a process takes at once when it has found others innocent. */
const mostAtOnce = 32;
const mostKnown = 10_000;

export interface Suspect {
  readonly run: string;
  readonly isSuspect: boolean;
  /** Processes that have ended while they had it. */
  readonly crashes: number;
}

/**
 * Runs of which one takes processes down, in line. A process takes the first one alone, and twice as many with each that proves innocent, so that
 * a thousand of them don't wait for each other's long calls. Those that were caught together with it once more are taken alone: another time
 * would count as their own fault.
 */
export class SuspectLine {
  private readonly owned: () => Iterable<Suspect>;
  /** Crashes of those that wait, by run. */
  private readonly waiting = new Map<string, number>();
  /** Those that are being claimed, which takes a moment. */
  private readonly claimed = new Set<string>();
  private room = 1;

  constructor(owned: () => Iterable<Suspect>) {
    this.owned = owned;
  }

  /** So many runs at the head of the store's line may be none that can be taken. */
  get length(): number {
    return this.waiting.size;
  }

  /** False for a known suspect whose turn has not come: to claim it would be in vain. */
  mayClaim(run: string): boolean {
    const crashes = this.waiting.get(run);
    return crashes === undefined || this.hasRoom(crashes);
  }

  /** Keeps a place for it until its claim is `over`; false when there is none. */
  begins(run: string): boolean {
    if (!this.mayClaim(run)) return false;
    if (this.waiting.has(run)) this.claimed.add(run);
    return true;
  }

  over(run: string): void {
    this.claimed.delete(run);
  }

  /** Whether this process may go on with a run that it has claimed; else it waits. */
  admits({ run, isSuspect, crashes }: Suspect): boolean {
    this.claimed.delete(run);
    this.waiting.delete(run);
    if (!isSuspect || this.hasRoom(crashes)) return true;
    if (this.waiting.size >= mostKnown) this.waiting.clear();
    this.waiting.set(run, crashes);
    return false;
  }

  /** One has got on, or has lasted longer than the processes before: it is not to blame. */
  cleared(): void {
    this.room = Math.min(mostAtOnce, this.room * 2);
  }

  private hasRoom(crashes: number): boolean {
    const suspects = [...this.owned()].filter(({ isSuspect }) => isSuspect);
    const taken = suspects.length + this.claimed.size;
    if (crashes > suspectAfter) return taken === 0;
    return taken < this.room && suspects.every((other) => other.crashes <= suspectAfter);
  }
}
