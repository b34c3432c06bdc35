import { compileExpression } from "../../plan/evaluate/compile-expression.ts";
import { namesOf } from "../../plan/evaluate/names.ts";
import type { Expression, Json } from "../../plan/expression.ts";
import type { ModelAnswer } from "../../plan/history.ts";
import type { JsonSchema } from "../../plan/plan.ts";
import { standaloneSchema } from "../../plan/schema-reference.ts";
import type { ModelActivity } from "../engine/activity.ts";
import type { ModelRequest, ModelTarget } from "../ports/model.ts";
import { unkeepable } from "./unkeepable.ts";
import { priced, toResult, type StepContext, type StepResult } from "./step-context.ts";

const nothing: JsonSchema = {
  type: "object",
  properties: {},
  required: [],
  additionalProperties: false,
};

/** Makes one request to a model. */
export async function runModelStep(
  activity: ModelActivity,
  run: string,
  context: StepContext,
  signal: AbortSignal,
): Promise<StepResult> {
  const { schemas, models } = context.program;
  const plan = models[activity.model];
  const request: ModelRequest = {
    target: targetOf(activity.model, context),
    agent: activity.callee,
    system: activity.system,
    messages: activity.messages,
    tools: activity.tools.map(({ name, description, input }) => ({
      name,
      description,
      input: input === null ? nothing : standaloneSchema(schemas, input),
    })),
    output: activity.output === null ? null : standaloneSchema(schemas, activity.output),
    maxOutputTokens: activity.maxOutputTokens,
    run,
    path: activity.path,
  };
  const reply = await context.models.ask(request, signal);
  const price = context.mocked ? undefined : plan?.price;
  const spent = reply.usage === undefined ? undefined : priced(reply.usage, price);
  if (!reply.ok) return toResult(reply, spent);
  const answer: ModelAnswer = {
    text: reply.text,
    // What can't be kept is no answer: the caller asks for a better one.
    calls: reply.calls.map((call) =>
      unkeepable(call.arguments) === null ? call : { ...call, arguments: "" },
    ),
    ...(reply.value === undefined || unkeepable(reply.value) !== null
      ? {}
      : { value: reply.value }),
    ...(reply.opaque === undefined ? {} : { opaque: reply.opaque }),
  };
  return { ok: true, output: answer as unknown as Json, ...(spent === undefined ? {} : { spent }) };
}

/** Whom to ask, with its key and address. */
export function targetOf(name: string, context: StepContext): ModelTarget {
  const plan = context.program.models[name];
  if (context.mocked || plan === undefined)
    return { name, provider: "mock", model: plan?.model ?? name };
  const text = (expression: Expression | undefined): string | undefined => {
    if (expression === undefined) return undefined;
    const value = compileExpression(
      expression,
      context.program.schemas,
    )(namesOf({}, context.config));
    return typeof value === "string" ? value : undefined;
  };
  const apiKey = text(plan.apiKey);
  const baseUrl = text(plan.baseUrl);
  return {
    name,
    provider: plan.provider,
    model: plan.model,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(plan.temperature === undefined ? {} : { temperature: plan.temperature }),
    ...(plan.options === undefined ? {} : { options: plan.options }),
  };
}
