import { formatDuration } from "../../base/duration.ts";
import type { RunFact } from "../../plan/history.ts";
import type { Clock } from "../ports/clock.ts";
import type { Stop } from "../ports/tool.ts";
import type { CircuitBreaker } from "../policy/circuit-breaker.ts";
import type { Passage } from "./limits.ts";
import type { RunActivity, Work } from "../steps/run-activity.ts";
import type { StepResult } from "../steps/step-context.ts";

/** An activity that does not end when it is told to is given up after this time. */
const graceMs = 2_000;

export type Outcome = Extract<RunFact, { readonly kind: "activity.succeeded" | "activity.failed" }>;

interface NewActivityRun {
  readonly activity: Work;
  readonly run: string;
  readonly runActivity: RunActivity;
  readonly clock: Clock;
  readonly breaker: CircuitBreaker | undefined;
  /** Through its limits. */
  readonly passage: Passage | undefined;
  readonly onEnd: (fact: Outcome, activity: Work) => void;
}

/**
 * One activity under way in this process, under its time-out; its start is durable. `onEnd` is called once, unless it is abandoned. There is
 * one for every step of every run, so it makes no function or signal that most of them never need.
 */
export class ActivityRun implements Stop {
  readonly given: NewActivityRun;
  private over = false;
  private stopped: StepResult | undefined;
  private stopTimer: (() => void) | undefined;
  /** It may begin only later, because its start took so long to become durable. */
  private stopWaiting: (() => void) | undefined;
  private controller: AbortController | undefined;

  constructor(given: NewActivityRun) {
    this.given = given;
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    return this.controller.signal;
  }

  /** Begins as soon as the limits let it. */
  start(): void {
    const { passage } = this.given;
    if (passage === undefined || passage.isFresh()) {
      this.begin();
      return;
    }
    let begun = false;
    const stop = passage.again(() => {
      begun = true;
      this.stopWaiting = undefined;
      this.begin();
    });
    if (!begun) this.stopWaiting = stop;
  }

  /** Asks it to end; its outcome still comes, as `cancelled` unless it was done before. */
  abort(): void {
    const { callee } = this.given.activity;
    this.stop({ ok: false, code: "cancelled", message: `${callee} was stopped` });
  }

  /** Stops it without an outcome: the process does not own the run any more. */
  abandon(): void {
    this.over = true;
    this.stopTimer?.();
    this.stopWaiting?.();
    this.abortSignal();
  }

  private begin(): void {
    const { activity, run, runActivity, clock } = this.given;
    const { timeoutMs } = activity;
    if (timeoutMs !== null) this.stopTimer = clock.after(timeoutMs, () => this.stopLate(timeoutMs));
    void runActivity(activity, run, this).then((result) => this.end(this.replaced(result)));
  }

  private stopLate(timeoutMs: number): void {
    const message = `${this.given.activity.callee} did not answer within ${formatDuration(timeoutMs)}`;
    this.stop({ ok: false, code: "timeout", message });
  }

  private stop(why: StepResult): void {
    if (this.over || this.stopped !== undefined) return;
    this.stopped = why;
    this.stopTimer?.();
    if (this.stopWaiting !== undefined) {
      this.stopWaiting();
      this.end(why);
      return;
    }
    this.stopTimer = this.given.clock.after(graceMs, () => this.end(why));
    this.abortSignal();
  }

  /** Whoever asks for the signal after this finds it aborted. */
  private abortSignal(): void {
    this.controller ??= new AbortController();
    this.controller.abort();
  }

  private end(result: StepResult): void {
    if (this.over) return;
    this.over = true;
    this.stopTimer?.();
    const { activity, breaker, clock, onEnd } = this.given;
    if (result.ok) breaker?.succeeded();
    else breaker?.failed(result.code, clock.now());
    onEnd(toFact(activity, result), activity);
  }

  /** What was done before it could be stopped counts; only an outcome that comes of stopping is replaced. */
  private replaced(result: StepResult): StepResult {
    const { stopped } = this;
    if (stopped === undefined || result.ok) return result;
    return { ...stopped, ...(result.spent === undefined ? {} : { spent: result.spent }) };
  }
}

function toFact({ path, attempt }: Work, result: StepResult): Outcome {
  if (result.ok) {
    const { output, spent } = result;
    const fact = { kind: "activity.succeeded", path, attempt, output } as const;
    return spent === undefined ? fact : { ...fact, spent };
  }
  const { code, message, retryAfterMs, spent } = result;
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  const cost = spent === undefined ? {} : { spent };
  return { kind: "activity.failed", path, attempt, code, message, ...retry, ...cost };
}
