import { compileExpression } from "../../plan/evaluate/compile-expression.ts";
import { namesOf } from "../../plan/evaluate/names.ts";
import type { StubActivity } from "../engine/activity.ts";
import type { StepContext, StepResult } from "./step-context.ts";

/** Answers a call as a test says. */
export async function runStubStep(
  activity: StubActivity,
  context: Pick<StepContext, "program" | "config" | "clock">,
  signal: AbortSignal,
): Promise<StepResult> {
  const { answer, delayMs } = activity;
  if (delayMs > 0 && !(await passed(delayMs, context, signal))) {
    return { ok: false, code: "cancelled", message: `${activity.callee} was stopped` };
  }
  const spent = { tokensIn: 0, tokensOut: 0, cost: activity.cost };
  if (answer.kind === "fail")
    return { ok: false, code: answer.code, message: answer.message, spent };
  const value = compileExpression(
    answer.value,
    context.program.schemas,
  )(namesOf(activity.arguments, context.config));
  return { ok: true, output: value, spent };
}

/** False when it was stopped before. */
function passed(
  delayMs: number,
  { clock }: Pick<StepContext, "clock">,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = clock.after(delayMs, () => resolve(true));
    const onAbort = (): void => {
      stop();
      resolve(false);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}
