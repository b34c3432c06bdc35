import type { RunEvent } from "../plan/history.ts";
import type { RunDetail } from "./api.ts";
import type { EngineProgram } from "./engine/code.ts";
import { foldRun } from "./engine/fold.ts";
import type { RunHead, Store } from "./ports/store.ts";
import { toSummary } from "./run-summary.ts";
import { StepViews } from "./step-views.ts";

export interface RunViews {
  detail(head: RunHead): Promise<RunDetail>;
}

interface Kept {
  readonly views: StepViews;
  readonly first: RunEvent;
  machine: ReturnType<typeof foldRun>;
}

/** Runs whose fold is kept, because a live view asks for the same one many times a second. */
const maxKept = 16;

/** What runs look like to those who watch: folded from their histories, each event once. */
export function createRunViews(
  store: Pick<Store, "events" | "output">,
  programs: { compile(planHash: string): Promise<EngineProgram> },
): RunViews {
  const kept = new Map<string, Kept>();

  async function foldAll(run: string): Promise<Kept> {
    const events = await store.events(run, { afterSeq: 0 });
    const codes = new Map<string, EngineProgram>();
    for (const event of events) {
      if (event.kind === "run.created" || event.kind === "run.retried")
        codes.set(event.planHash, await programs.compile(event.planHash));
    }
    const views = new StepViews();
    const [first] = events;
    if (first === undefined) throw new Error(`run ${run} has no history`);
    views.expect(events);
    const machine = foldRun(events, (hash) => codes.get(hash) as EngineProgram, views);
    return { views, first, machine };
  }

  async function follow(run: string): Promise<Kept> {
    const known = kept.get(run);
    kept.delete(run);
    if (kept.size >= maxKept) kept.delete(kept.keys().next().value ?? "");
    if (known !== undefined) {
      const more = await store.events(run, { afterSeq: known.machine.seq });
      if (!more.some((event) => event.kind === "run.retried")) {
        known.views.expect(more);
        for (const event of more) known.machine.apply(event);
        known.machine.takeEffects();
        kept.set(run, known);
        return known;
      }
    }
    const made = await foldAll(run);
    kept.set(run, made);
    return made;
  }

  return {
    async detail(head) {
      const { views, first } = await follow(head.run);
      const input = first.kind === "run.created" ? first.input : null;
      return {
        ...toSummary(head),
        input,
        output: await store.output(head.run),
        steps: views.list(),
      };
    },
  };
}
