import type { RunEvent } from "../plan/history.ts";
import type { RunDetail } from "./api.ts";
import type { Engine } from "./engine/engine.ts";
import type { EngineProgram } from "./engine/code.ts";
import type { Clock } from "./ports/clock.ts";
import { inTurns } from "./ports/in-turns.ts";
import type { RunHead, Store } from "./ports/store.ts";
import { toSummary } from "./run-summary.ts";
import { StepViews } from "./step-views.ts";
import {
  applySteps,
  eventsPerPage,
  foldHistory,
  isRetry,
  type HistoryReader,
} from "./worker/fold-history.ts";

export interface RunViews {
  detail(head: RunHead): Promise<RunDetail>;
}

interface Kept {
  readonly views: StepViews;
  readonly first: RunEvent;
  readonly machine: Engine;
}

/** Runs whose fold is kept, because a live view asks for the same one many times a second. */
const maxKept = 16;

/** What runs look like to those who watch: folded from their histories page by page, each event once. */
export function createRunViews(
  store: Pick<Store, "events" | "output">,
  programs: { compile(planHash: string): Promise<EngineProgram> },
  clock: Pick<Clock, "monotonic">,
): RunViews {
  const compile = (planHash: string): Promise<EngineProgram> => programs.compile(planHash);
  const reader = { store, clock, compile };
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<void>>();

  /** False when the run was retried since: then its whole history is needed. */
  async function goOn(run: string, { views, machine }: Kept): Promise<boolean> {
    for (;;) {
      const range = { afterSeq: machine.seq, limit: eventsPerPage };
      const more = await store.events(run, range);
      if (more.some(isRetry)) return false;
      views.expect(more);
      await inTurns(applySteps(machine, more), clock);
      machine.takeEffects();
      if (more.length < eventsPerPage) return true;
    }
  }

  /** Whoever asks while the same run is being folded waits, so that no event is applied twice. */
  async function follow(run: string): Promise<Kept> {
    for (let other = underWay.get(run); other !== undefined; other = underWay.get(run)) await other;
    const following = followAlone(run);
    underWay.set(
      run,
      following.then(
        () => void underWay.delete(run),
        () => void underWay.delete(run),
      ),
    );
    return following;
  }

  async function followAlone(run: string): Promise<Kept> {
    const known = kept.get(run);
    kept.delete(run);
    if (kept.size >= maxKept) kept.delete(kept.keys().next().value ?? "");
    const current =
      known !== undefined && (await goOn(run, known)) ? known : await foldAll(run, reader);
    kept.set(run, current);
    return current;
  }

  return {
    async detail(head) {
      const { views, first } = await follow(head.run);
      const input = first.kind === "run.created" ? first.input : null;
      const { leftOut } = views;
      return {
        ...toSummary(head),
        input,
        output: await store.output(head.run),
        steps: views.list(),
        ...(leftOut === 0 ? {} : { stepsLeftOut: leftOut }),
      };
    },
  };
}

async function foldAll(run: string, reader: HistoryReader): Promise<Kept> {
  const folded = await foldHistory(run, reader, () => {
    const views = new StepViews();
    return { views, observer: views, expect: (events) => views.expect(events) };
  });
  const [first] = await reader.store.events(run, { afterSeq: 0, limit: 1 });
  if (first === undefined || folded === null) throw new Error(`run ${run} has no history`);
  const { machine, watch } = folded;
  machine.takeEffects();
  return { views: watch.views, first, machine };
}
