import type { Clock } from "./ports/clock.ts";
import type { Duty } from "./ports/duty.ts";
import type { Election } from "./ports/election.ts";
import type { Telemetry } from "./ports/telemetry.ts";

/** Others take over at most this long after the one who does the duties has gone. */
const ttlMs = 1_800;
const renewMs = ttlMs / 2;
/** A failed vote is repeated after this time. */
const askMs = 300;
/** Between two turns of a duty at least. */
const pauseMs = 10;
/** A turn that failed is tried again after this time, or after the usual one if that is longer. */
const retryMs = 1_000;
const office = "duties";

export interface DutiesState {
  readonly leading: boolean;
  /** Rises with each change of hands; null when somebody else leads. */
  readonly fence: number | null;
  readonly duties: readonly DutyState[];
}

export interface DutyState {
  readonly name: string;
  /** Milliseconds since 1970; null before the first turn in this process. */
  readonly lastTurnAtMs: number | null;
  readonly failures: number;
  readonly problem: string | null;
}

interface Running {
  readonly duty: Duty;
  stopTimer: (() => void) | undefined;
  turning: boolean;
  newsMeanwhile: boolean;
  lastTurnAtMs: number | null;
  failures: number;
  problem: string | null;
}

export interface DutiesParts {
  readonly election: Election;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Of this process, unique. */
  readonly owner: string;
  readonly duties: readonly Duty[];
}

/**
 * Does the duties while this process is elected, and stands for election otherwise. It stops by its own clock before its time in
 * office is over, so that two processes hardly ever do them at once; when they do, the store decides.
 */
export class ElectedDuties {
  readonly parts: DutiesParts;
  private readonly running: readonly Running[];
  private fence: number | null = null;
  private news = "";
  private safeUntilMs = 0;
  private stopTimer: (() => void) | undefined;
  private asking: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(parts: DutiesParts) {
    this.parts = parts;
    this.running = parts.duties.map((duty) => ({
      duty,
      stopTimer: undefined,
      turning: false,
      newsMeanwhile: false,
      lastTurnAtMs: null,
      failures: 0,
      problem: null,
    }));
  }

  /** Stands for election from now on. Resolves after the first vote. */
  open(): Promise<void> {
    this.ask();
    return this.asking;
  }

  /** Whether this process leads: elected, and certain that its time is not over. */
  get leading(): boolean {
    return this.fence !== null && this.parts.clock.monotonic() < this.safeUntilMs;
  }

  state(): DutiesState {
    return {
      leading: this.leading,
      fence: this.leading ? this.fence : null,
      duties: this.running.map(({ duty: { name }, lastTurnAtMs, failures, problem }) => ({
        name,
        lastTurnAtMs,
        failures,
        problem,
      })),
    };
  }

  /** Lets another take over at once. */
  async close(): Promise<void> {
    this.closed = true;
    this.stopTimer?.();
    this.stepDown();
    await this.asking;
    const { election, owner } = this.parts;
    try {
      await election.resign({ office, owner });
    } catch {
      // The store is out of reach: the term ends by itself.
    }
  }

  private ask(): void {
    this.asking = this.vote().then((delayMs) => {
      if (!this.closed) this.stopTimer = this.parts.clock.after(delayMs, () => this.ask());
    });
  }

  /** Gives after how many milliseconds to vote again. */
  private async vote(): Promise<number> {
    const { election, clock, owner, telemetry } = this.parts;
    // The term counts from before the question, whenever the answer comes.
    const askedMs = clock.monotonic();
    try {
      // Renewing is cheaper than an election, and needs none of it while nobody came between.
      const renewal = this.fence === null ? null : await election.renew({ office, owner, ttlMs });
      if (renewal !== null) {
        this.safeUntilMs = askedMs + ttlMs;
        this.heed(renewal.news);
        return renewMs;
      }
      const vote = await election.acquire({ office, owner, ttlMs });
      if (this.closed || !vote.elected) {
        this.stepDown();
        // Who asks right when the other's time is over asks seldom, and takes over as soon as it can be done.
        return vote.elected ? renewMs : Math.max(pauseMs, vote.afterMs + 1);
      }
      this.safeUntilMs = askedMs + ttlMs;
      this.stepDown();
      this.fence = vote.fence;
      telemetry.log({
        level: "info",
        message: "this process does the duties now",
        fields: { fence: vote.fence },
      });
      for (const entry of this.running) this.schedule(entry, 0);
      return renewMs;
    } catch (error) {
      telemetry.log({ level: "warn", message: `the election failed: ${textOf(error)}` });
      if (!this.leading) this.stepDown();
      return askMs;
    }
  }

  /** Duties that depend on it need not ask whether there is anything new. */
  private heed(news: string): void {
    if (news === this.news) return;
    this.news = news;
    for (const entry of this.running) {
      if (entry.duty.onNews !== true) continue;
      if (entry.turning) entry.newsMeanwhile = true;
      else this.schedule(entry, 0);
    }
  }

  private stepDown(): void {
    if (this.fence === null) return;
    this.fence = null;
    this.parts.telemetry.log({ level: "info", message: "this process does the duties no more" });
    for (const entry of this.running) {
      entry.stopTimer?.();
      entry.stopTimer = undefined;
    }
  }

  private schedule(entry: Running, delayMs: number): void {
    entry.stopTimer?.();
    entry.stopTimer = this.parts.clock.after(delayMs, () => void this.turn(entry));
  }

  private async turn(entry: Running): Promise<void> {
    // A turn from an earlier term goes on until it ends; it then schedules the next one.
    if (entry.turning || this.fence === null) return;
    if (!this.leading) {
      // The answer to the last vote is late; the duty waits for it.
      this.schedule(entry, askMs);
      return;
    }
    const { clock, telemetry } = this.parts;
    entry.turning = true;
    let nextMs: number;
    try {
      const nextAtMs = await entry.duty.turn();
      const { everyMs } = entry.duty;
      nextMs = nextAtMs === null ? everyMs : Math.min(everyMs, nextAtMs - clock.now());
      entry.problem = null;
    } catch (error) {
      entry.failures += 1;
      entry.problem = textOf(error);
      nextMs = Math.max(retryMs, entry.duty.everyMs);
      telemetry.log({
        level: "error",
        message: `the duty ${entry.duty.name} failed: ${entry.problem}`,
        fields: { duty: entry.duty.name },
      });
    }
    entry.turning = false;
    if (entry.newsMeanwhile) nextMs = 0;
    entry.newsMeanwhile = false;
    entry.lastTurnAtMs = clock.now();
    if (this.fence !== null && !this.closed) this.schedule(entry, Math.max(pauseMs, nextMs));
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
