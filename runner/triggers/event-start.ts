import { compileExpression } from "../../plan/evaluate/compile-expression.ts";
import { namesOf, tryEvaluate } from "../../plan/evaluate/names.ts";
import type { Expression, Json } from "../../plan/expression.ts";
import type { ReceivedEvent } from "../../plan/history.ts";
import type { DeployedTrigger } from "./deployed.ts";
import type { TriggeredRun } from "./triggered-run.ts";

type JsonRecord = { readonly [name: string]: Json };

/** What an event means to a trigger. */
export type EventStart =
  | { readonly kind: "start"; readonly run: TriggeredRun }
  /** Its `where` does not want it. */
  | { readonly kind: "other" }
  | { readonly kind: "misfit"; readonly input: Json; readonly message: string };

/**
 * The run that an event asks for. `where` and `dedupe` see the event and the parameters as `input` gives them, before their
 * types have been checked.
 */
export function startFor(
  trigger: DeployedTrigger<"event">,
  event: ReceivedEvent,
  config: JsonRecord,
): EventStart {
  const { plan, deployed, flow, id } = trigger;
  const { schemas } = deployed.plan.program;
  const named = { ...event } as JsonRecord;
  const evaluate = (expression: Expression, values: JsonRecord) =>
    tryEvaluate(
      compileExpression(expression, schemas),
      namesOf({ ...values, event: named }, config),
    );

  const input: Record<string, Json> = {};
  const problems: string[] = [];
  for (const [name, expression] of Object.entries(plan.input ?? {})) {
    const value = evaluate(expression, {});
    if (value.ok) input[name] = value.value;
    else problems.push(`${name}: ${value.message}`);
  }
  if (plan.input === undefined) {
    if (isRecord(event.data)) Object.assign(input, event.data);
    else if (event.data !== null)
      problems.push("the data of the event is no record, and the trigger has no `input`");
  }
  if (plan.where !== undefined) {
    // An event that is not meant need not fit, so a parameter that it gives no value is null here.
    const unknown = Object.fromEntries(Object.keys(plan.input ?? {}).map((name) => [name, null]));
    const wanted = evaluate(plan.where, { ...unknown, ...input });
    if (!wanted.ok) problems.push(`where: ${wanted.message}`);
    else if (wanted.value !== true) return { kind: "other" };
  }
  const dedupe =
    plan.dedupe === undefined || problems.length > 0 ? null : evaluate(plan.dedupe, input);
  if (dedupe !== null && !dedupe.ok) problems.push(`dedupe: ${dedupe.message}`);
  if (problems.length > 0)
    return { kind: "misfit", input: event.data, message: problems.join("; ") };
  const { name = flow } = deployed.plan.program.flows[flow] ?? {};
  // What deduplicates hangs on the flow's name, so that the same event by another way starts nothing either.
  const key =
    dedupe?.ok === true ? `dedupe/${name}/${textOf(dedupe.value)}` : `event/${id}/${event.id}`;
  return {
    kind: "start",
    run: {
      deployed,
      flow,
      input,
      trigger: { event: named },
      idempotencyKey: key,
      overlap: plan.overlap,
      slots: [],
    },
  };
}

/** Whether `where` wants an event, for a trigger that gathers several. One that can't be told is kept, and reported when the run is made. */
export function isWanted(
  { plan, deployed }: DeployedTrigger<"event">,
  event: ReceivedEvent,
  config: JsonRecord,
): boolean {
  if (plan.where === undefined) return true;
  const { schemas } = deployed.plan.program;
  const named = { ...event } as JsonRecord;
  const wanted = tryEvaluate(
    compileExpression(plan.where, schemas),
    namesOf({ event: named }, config),
  );
  return !wanted.ok || wanted.value === true;
}

function isRecord(value: Json): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
