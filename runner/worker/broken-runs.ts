import type { Clock } from "../ports/clock.ts";

/** For so long a process leaves a run alone that it could not go on with. */
const brokenMs = 60_000;

/**
 * Runs whose engine failed here: taking them up again would fail again. Who works for all tries again after a while, because what was lacking may be
 * there, or somebody has looked at the run and resumed it.
 */
export class BrokenRuns {
  private readonly clock: Clock;
  private readonly takeOver: boolean;
  private readonly faults = new Map<string, { readonly error: Error; readonly atMs: number }>();

  constructor(options: { readonly clock: Clock; readonly takeOver: boolean }) {
    this.clock = options.clock;
    this.takeOver = options.takeOver;
  }

  faultOf(run: string): Error | undefined {
    return this.faults.get(run)?.error;
  }

  has(run: string): boolean {
    const fault = this.faults.get(run);
    if (fault === undefined) return false;
    if (!this.takeOver || this.clock.monotonic() - fault.atMs < brokenMs) return true;
    this.faults.delete(run);
    return false;
  }

  forget(run: string): void {
    this.faults.delete(run);
  }

  /** Who works for all forgets what it would try again anyway: nobody may ever ask for these runs here. */
  remember(run: string, error: Error): void {
    const atMs = this.clock.monotonic();
    this.faults.delete(run);
    if (this.takeOver)
      for (const [other, fault] of this.faults) {
        if (atMs - fault.atMs < brokenMs) break;
        this.faults.delete(other);
      }
    this.faults.set(run, { error, atMs });
  }
}
