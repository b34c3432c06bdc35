import { required } from "../../base/assert.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { EngineProgram } from "../engine/code.ts";
import { Fold } from "../engine/fold.ts";
import type { Engine } from "../engine/engine.ts";
import type { Observer } from "../engine/run-state.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import { inTurns } from "../ports/in-turns.ts";

/** Events read at once: a history may be far larger than memory. */
export const eventsPerPage = 4_096;
/** A millisecond at most. */
const eventsPerStep = 16;

export interface HistoryReader {
  readonly store: Pick<Store, "events">;
  readonly clock: Pick<Clock, "monotonic">;
  compile(planHash: string): Promise<EngineProgram>;
}

/** Whoever watches a fold is told of events before they are applied. */
export interface FoldWatch {
  readonly observer: Observer | null;
  expect(events: readonly RunEvent[]): void;
}

/**
 * Folds all that is stored of a run, page by page. A history that turns out to have been retried is folded once more, because what steps
 * gave before has to be kept from the beginning.
 */
export async function foldHistory<W extends FoldWatch>(
  run: string,
  reader: HistoryReader,
  newWatch: () => W,
): Promise<{ readonly machine: Engine; readonly watch: W } | null> {
  for (const retried of [false, true]) {
    const watch = newWatch();
    const codes = new Map<string, EngineProgram>();
    const programOf = (planHash: string): EngineProgram =>
      required(codes.get(planHash), "a history names its plans");
    const fold = new Fold({ programOf, observer: watch.observer, retried });
    let seq = 0;
    let page: readonly RunEvent[] = [];
    do {
      page = await reader.store.events(run, { afterSeq: seq, limit: eventsPerPage });
      if (!retried && page.some(isRetry)) break;
      await compileFor(page, codes, reader);
      watch.expect(page);
      await inTurns(applySteps(fold, page), reader.clock);
      seq = page.at(-1)?.seq ?? seq;
    } while (page.length === eventsPerPage);
    if (!retried && page.some(isRetry)) continue;
    return seq === 0 ? null : { machine: fold.end(), watch };
  }
  return null;
}

export function isRetry(event: RunEvent): boolean {
  return event.kind === "run.retried";
}

/** Applies events in steps. */
export function* applySteps(
  fold: Pick<Fold, "apply" | "hasWork" | "workSteps">,
  events: readonly RunEvent[],
): Generator<void, void> {
  for (const [at, event] of events.entries()) {
    fold.apply(event);
    if (fold.hasWork) yield* fold.workSteps();
    if (at % eventsPerStep === eventsPerStep - 1) yield;
  }
}

async function compileFor(
  events: readonly RunEvent[],
  codes: Map<string, EngineProgram>,
  reader: HistoryReader,
): Promise<void> {
  for (const event of events) {
    if (event.kind !== "run.created" && event.kind !== "run.retried") continue;
    if (!codes.has(event.planHash)) codes.set(event.planHash, await reader.compile(event.planHash));
  }
}
