import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import type { Engine } from "../../runner/engine/engine.ts";
import { openRun } from "../../runner/engine/fold.ts";

export interface BegunHistory {
  readonly engine: Engine;
  /** All that was recorded. */
  readonly events: RunEvent[];
  /** The time of each event is how many there were before it, in milliseconds. */
  readonly record: (fact: Parameters<Engine["record"]>[0]) => void;
}

/** A run `r` of a flow that was just started, without a store or a process. */
export function beginHistory(
  program: Plan,
  input: { readonly [param: string]: Json },
  flow = "main",
): BegunHistory {
  const engine = openRun(compileProgram(program));
  const events: RunEvent[] = [];
  const record: BegunHistory["record"] = (fact) => {
    events.push(engine.record(fact, events.length));
  };
  const origin = { environment: "", config: {}, trigger: null, continuation: 0 } as const;
  record({ kind: "run.created", run: "r", planHash: program.hash, flow, input, ...origin });
  record({ kind: "run.started", states: [] });
  return { engine, events, record };
}
