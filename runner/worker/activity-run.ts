import { formatDuration } from "../../base/duration.ts";
import type { RunFact } from "../../plan/history.ts";
import type { Clock } from "../ports/clock.ts";
import type { CircuitBreaker } from "../policy/circuit-breaker.ts";
import type { Passage } from "./limits.ts";
import type { RunActivity, Work } from "../steps/run-activity.ts";
import type { StepResult } from "../steps/step-context.ts";

/** One activity under way in this process. */
export interface ActivityRun {
  readonly path: string;
  readonly attempt: number;
  /** Asks it to end; its outcome still comes, as `cancelled` unless it was done before. */
  abort(): void;
  /** Stops it without an outcome: the process does not own the run any more. */
  abandon(): void;
}

/** An activity that does not end when it is told to is given up after this time. */
const graceMs = 2_000;

export type Outcome = Extract<RunFact, { readonly kind: "activity.succeeded" | "activity.failed" }>;

/** Begins an activity whose start is durable, under its time-out. `onEnd` is called once, unless it is abandoned. */
export function startActivity(options: {
  readonly activity: Work;
  readonly run: string;
  readonly runActivity: RunActivity;
  readonly clock: Clock;
  readonly breaker: CircuitBreaker | undefined;
  /** Through its limits. */
  readonly passage: Passage | undefined;
  readonly onEnd: (fact: Outcome) => void;
}): ActivityRun {
  const { activity, clock, breaker } = options;
  const { path, attempt } = activity;
  const controller = new AbortController();
  let stopped: StepResult | undefined;
  let over = false;
  let stopTimer: (() => void) | undefined;
  /** It may begin only later, because its start took so long to become durable. */
  let stopWaiting: (() => void) | undefined;

  function end(result: StepResult): void {
    if (over) return;
    over = true;
    stopTimer?.();
    if (result.ok) breaker?.succeeded();
    else breaker?.failed(result.code, clock.now());
    options.onEnd(toFact(path, attempt, result));
  }

  function stop(why: StepResult): void {
    if (over || stopped !== undefined) return;
    stopped = why;
    stopTimer?.();
    if (stopWaiting !== undefined) {
      stopWaiting();
      end(why);
      return;
    }
    stopTimer = clock.after(graceMs, () => end(why));
    controller.abort();
  }

  function begin(): void {
    stopWaiting = undefined;
    const { timeoutMs } = activity;
    if (timeoutMs !== null) {
      const message = `${activity.callee} did not answer within ${formatDuration(timeoutMs)}`;
      stopTimer = clock.after(timeoutMs, () => stop({ ok: false, code: "timeout", message }));
    }
    void options
      .runActivity(activity, options.run, controller.signal)
      .then((result) => end(replaced(result, stopped)));
  }

  stopWaiting = whenFresh(options.passage, begin);

  return {
    path,
    attempt,
    abort: () => stop({ ok: false, code: "cancelled", message: `${activity.callee} was stopped` }),
    abandon() {
      over = true;
      stopTimer?.();
      stopWaiting?.();
      controller.abort();
    },
  };
}

/** What was done before it could be stopped counts; only an outcome that comes of stopping is replaced. */
function replaced(result: StepResult, stopped: StepResult | undefined): StepResult {
  if (stopped === undefined || result.ok) return result;
  return { ...stopped, ...(result.spent === undefined ? {} : { spent: result.spent }) };
}

/** Begins as soon as the limits let it. Gives the way to stop waiting for that, undefined when it has begun. */
function whenFresh(passage: Passage | undefined, begin: () => void): (() => void) | undefined {
  if (passage === undefined || passage.isFresh()) {
    begin();
    return undefined;
  }
  let begun = false;
  const stop = passage.again(() => {
    begun = true;
    begin();
  });
  return begun ? undefined : stop;
}

function toFact(path: string, attempt: number, result: StepResult): Outcome {
  const spent = result.spent === undefined ? {} : { spent: result.spent };
  if (result.ok)
    return { kind: "activity.succeeded", path, attempt, output: result.output, ...spent };
  const { code, message, retryAfterMs } = result;
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { kind: "activity.failed", path, attempt, code, message, ...retry, ...spent };
}
