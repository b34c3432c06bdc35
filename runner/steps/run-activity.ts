import type { Json } from "../../plan/expression.ts";
import type { Activity } from "../engine/activity.ts";
import type { Stop } from "../ports/tool.ts";
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
export type RunActivity = (activity: Work, run: string, stop: Stop) => Promise<StepResult>;

export function createActivityRunner(context: StepContext): RunActivity {
  const runToolStep = createToolStep(context);

  function patient(signal: AbortSignal): StepContext {
    const { store, clock } = context;
    return { ...context, store: patientStore(store, { clock, signal }) };
  }

  function run(activity: Work, id: string, stop: Stop): Promise<StepResult> {
    switch (activity.kind) {
      case "model":
        return runModelStep(activity, id, context, stop.signal);
      case "tool":
        return runToolStep(activity, stop);
      case "stub":
        return runStubStep(activity, context, stop.signal);
      case "cache":
        return recall(activity, id, patient(stop.signal), stop.signal);
      case "state":
        return readStates(activity.states, patient(stop.signal));
      case "turn":
        return takeTurn(activity, patient(stop.signal));
    }
  }

  function failed(activity: Work, error: unknown): StepResult {
    const text = error instanceof Error ? error.message : String(error);
    const message = scrub(`${activity.callee}: ${text}`, context.secrets);
    const code = error instanceof ValueTooLarge ? "invalid_output" : "internal";
    return { ok: false, code, message };
  }

  return (activity, id, stop) => {
    try {
      return run(activity, id, stop).catch((error: unknown) => failed(activity, error));
    } catch (error) {
      return Promise.resolve(failed(activity, error));
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
