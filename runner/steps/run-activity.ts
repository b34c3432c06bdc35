import type { Json } from "../../plan/expression.ts";
import type { Activity } from "../engine/activity.ts";
import { scrub } from "../ports/scrub.ts";
import { ValueTooLarge } from "../ports/value-too-large.ts";
import { runModelStep } from "./model-step.ts";
import { patientStore } from "./patient-store.ts";
import { recall } from "./recall.ts";
import type { StepContext, StepResult } from "./step-context.ts";
import { runStubStep } from "./stub-step.ts";
import { createToolStep } from "./tool-step.ts";

/** The activities that a process carries out; the others are waits, and kept in the store. */
export type Work = Exclude<Activity, { readonly kind: "person" | "receive" | "emit" | "slot" }>;

/** Carries out activities of one program. Never rejects: what goes wrong is a result. */
export type RunActivity = (activity: Work, run: string, signal: AbortSignal) => Promise<StepResult>;

export function createActivityRunner(context: StepContext): RunActivity {
  const runToolStep = createToolStep(context);

  function patient(signal: AbortSignal): StepContext {
    const { store, clock } = context;
    return { ...context, store: patientStore(store, { clock, signal }) };
  }

  function run(activity: Work, id: string, signal: AbortSignal): Promise<StepResult> {
    switch (activity.kind) {
      case "model":
        return runModelStep(activity, id, context, signal);
      case "tool":
        return runToolStep(activity, signal);
      case "stub":
        return runStubStep(activity, context, signal);
      case "cache":
        return recall(activity, id, patient(signal), signal);
      case "state":
        return readStates(activity.states, patient(signal));
      case "turn":
        return takeTurn(activity, patient(signal));
    }
  }

  return async (activity, id, signal) => {
    try {
      return await run(activity, id, signal);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const message = scrub(`${activity.callee}: ${text}`, context.secrets);
      const code = error instanceof ValueTooLarge ? "invalid_output" : "internal";
      return { ok: false, code, message };
    }
  };
}

async function readStates(
  states: Extract<Activity, { kind: "state" }>["states"],
  { store }: StepContext,
): Promise<StepResult> {
  const readings = await Promise.all(states.map((state) => store.readState(state)));
  return { ok: true, output: readings as unknown as Json };
}

async function takeTurn(
  { key, rate }: Extract<Activity, { kind: "turn" }>,
  { store }: StepContext,
): Promise<StepResult> {
  return { ok: true, output: { atMs: await store.permits.reserve(key, rate) } };
}
