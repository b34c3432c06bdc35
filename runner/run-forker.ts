import type { Json } from "../plan/expression.ts";
import type { RunCreated, RunEvent } from "../plan/history.ts";
import type { Plan } from "../plan/plan.ts";
import type { ForkOptions, Outcome, Refusal } from "./api.ts";
import type { EngineProgram } from "./engine/code.ts";
import { keptCalls } from "./engine/kept-calls.ts";
import type { Store } from "./ports/store.ts";
import type { Programs } from "./programs.ts";
import type { RunStarter } from "./run-starter.ts";
import { checkFork } from "./upgrade-check.ts";

export interface RunForkerParts {
  readonly store: Pick<Store, "events" | "getPlan">;
  readonly programs: Pick<Programs, "compile">;
  readonly starter: Pick<RunStarter, "startFork">;
}

/** Makes new runs of others: what those have finished is not done again, as far as it is given the same. */
export class RunForker {
  private readonly parts: RunForkerParts;

  constructor(parts: RunForkerParts) {
    this.parts = parts;
  }

  async fork(
    run: string,
    options: ForkOptions = {},
  ): Promise<Outcome<{ run: string; existing: boolean }>> {
    const { store, starter } = this.parts;
    const events = await store.events(run, { afterSeq: 0 });
    const [created] = events;
    if (created?.kind !== "run.created") return refuse("not_found", `there is no run ${run}`);
    const old = await store.getPlan(newestPlan(created, events));
    if (old === null) return refuse("internal", `run ${run} has lost its plan`);
    const plan = options.plan ?? old;
    const { after = null } = options;
    const kept = keptCalls(events, await this.codesOf(events), after);
    if (kept === null) return refuse("not_found", `run ${run} has finished no step at ${after}`);
    const { flow } = created;
    const refused = checkFork({ old, plan, flow, events, kept: Object.keys(kept.calls) });
    if (refused !== null) return refused;
    return starter.startFork({
      plan,
      of: created,
      input: inputOf(created, plan, options.input ?? {}),
      kept: kept.calls,
      forkedFrom: { run, seq: kept.seq },
      idempotencyKey: options.idempotencyKey ?? null,
    });
  }

  private async codesOf(events: readonly RunEvent[]): Promise<(planHash: string) => EngineProgram> {
    const codes = new Map<string, EngineProgram>();
    for (const event of events) {
      if (event.kind === "run.created" || event.kind === "run.retried")
        codes.set(event.planHash, await this.parts.programs.compile(event.planHash));
    }
    return (planHash) => codes.get(planHash) as EngineProgram;
  }
}

function newestPlan(created: RunCreated, events: readonly RunEvent[]): string {
  let { planHash } = created;
  for (const event of events) if (event.kind === "run.retried") ({ planHash } = event);
  return planHash;
}

/** What is not given anew is as it was; a parameter that the plan has no more is left out. */
function inputOf(
  created: RunCreated,
  plan: Plan,
  given: { readonly [param: string]: Json },
): { readonly [param: string]: Json } {
  const params = plan.program.flows[created.flow]?.params ?? [];
  const input: Record<string, Json> = {};
  for (const { name } of params) {
    const value = created.input[name];
    if (value !== undefined) input[name] = value;
  }
  return { ...input, ...given };
}

function refuse(code: string, message: string): Refusal {
  return { ok: false, code, message };
}
