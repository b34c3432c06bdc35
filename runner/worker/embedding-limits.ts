import type { Program } from "../../plan/plan.ts";
import type { EmbeddingPass, PassEmbedding } from "../steps/step-context.ts";
import type { Clock } from "../ports/clock.ts";
import { passThrough, type Limits, type Passage } from "./limits.ts";

/** Requests for the places of texts pass the limits and the circuit breaker of their model like all others. */
export function embeddingLimits(limits: Limits, clock: Clock): PassEmbedding {
  return async (program, { model, run, path }, signal) => {
    const breaker = model === null ? undefined : limits.breakerOfModel(program, model);
    if (breaker?.allows(clock.now()) === false) return refusedBy(program, model);
    const gates = limits.gatesOfEmbedding(program, { model, run, path });
    const passage = gates.length === 0 ? null : await through(gates, signal);
    if (passage === "stopped") return { kind: "refused", code: "cancelled", message: "stopped" };
    return {
      kind: "passed",
      leave(code) {
        passage?.leave();
        if (code === null) breaker?.succeeded();
        else breaker?.failed(code, clock.now());
      },
    };
  };
}

function refusedBy(program: Program, model: string | null): EmbeddingPass {
  const name = program.models[model ?? ""]?.model ?? model;
  const message = `${name} is not called, because it kept failing`;
  return { kind: "refused", code: "circuit_open", message };
}

/** Resolves when the request may begin, or with `stopped` when nobody waits for it any more. */
function through(
  gates: Parameters<typeof passThrough>[0],
  signal: AbortSignal,
): Promise<Passage | "stopped"> {
  return new Promise((resolve) => {
    let stopWaiting = (): void => {};
    // It may call back before it is there.
    const way: { passage?: Passage } = {};
    const stop = (): void => {
      stopWaiting();
      way.passage?.leave();
      resolve("stopped");
    };
    const go = (): void => {
      const { passage } = way;
      if (passage?.passed !== true) return;
      const begin = (): void => {
        signal.removeEventListener("abort", stop);
        resolve(passage);
      };
      if (passage.isFresh()) begin();
      else stopWaiting = passage.again(begin);
    };
    signal.addEventListener("abort", stop, { once: true });
    way.passage = passThrough(gates, go);
    if (signal.aborted) stop();
    else go();
  });
}
