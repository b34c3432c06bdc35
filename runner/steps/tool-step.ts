import { isAbsolute, join } from "node:path";

import { compileExpression } from "../../plan/evaluate/compile-expression.ts";
import { namesOf } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { ModuleReach, ToolPlan } from "../../plan/plan.ts";
import type { ToolActivity } from "../engine/activity.ts";
import { failure, type CallOutcome } from "../ports/call-outcome.ts";
import { inTurns } from "../ports/in-turns.ts";
import type { FileContent, Stop } from "../ports/tool.ts";
import { bytesOf, isFileValue, prepareHttpCall, type BuildHttpCall } from "./http-call.ts";
import { isPlain, unkeepableSteps } from "./unkeepable.ts";
import { toResult, type StepContext, type StepResult } from "./step-context.ts";

export type RunToolStep = (activity: ToolActivity, stop: Stop) => Promise<StepResult>;

/** Calls a tool of one program. */
type CallTool = (activity: ToolActivity, stop: Stop) => Promise<CallOutcome>;

/** Calls tools of one program. What is the same in all calls of a tool is prepared once. */
export function createToolStep(context: StepContext): RunToolStep {
  const prepared = new Map<string, CallTool>();

  function prepare(name: string, tool: ToolPlan): CallTool {
    const call = prepareCall(name, tool, context);
    prepared.set(name, call);
    return call;
  }

  return (activity, stop) => {
    const name = activity.tool;
    const tool = context.program.tools[name];
    if (tool === undefined) return Promise.resolve(unknownTool(name));
    const call = prepared.get(name) ?? prepare(name, tool);
    return call(activity, stop).then((outcome) =>
      outcome.ok ? kept(name, outcome.value, context) : toResult(outcome),
    );
  };
}

function unknownTool(name: string): StepResult {
  return { ok: false, code: "internal", message: `the plan has no tool ${name}` };
}

/** What a tool has answered, unless it can't be kept. */
function kept(tool: string, value: Json, context: StepContext): StepResult | Promise<StepResult> {
  const { maxValueBytes } = context;
  return isPlain(value, maxValueBytes)
    ? { ok: true, output: value }
    : keptAfterAll(tool, value, context);
}

async function keptAfterAll(
  tool: string,
  value: Json,
  { clock, maxValueBytes }: StepContext,
): Promise<StepResult> {
  const problem = await inTurns(unkeepableSteps(value, maxValueBytes), clock);
  if (problem === null) return { ok: true, output: value };
  return { ok: false, code: "invalid_output", message: `${tool} ${problem}` };
}

function prepareCall(name: string, tool: ToolPlan, context: StepContext): CallTool {
  const { reach } = tool;
  switch (reach.kind) {
    case "http":
      return prepareHttp(prepareHttpCall(tool, reach, context.program.schemas), context);
    case "module":
      return prepareModule(tool, reach, context);
    case "mcp": {
      const message = `${name} is reached by MCP, which this version can't call`;
      return () => Promise.resolve(failure("unavailable", message));
    }
  }
}

function prepareHttp(build: BuildHttpCall, context: StepContext): CallTool {
  const { config, secrets, files, http } = context;
  return async ({ arguments: values, key }, { signal }) =>
    http.call(await build({ arguments: values, config, secrets, key, files }), signal);
}

function prepareModule(tool: ToolPlan, reach: ModuleReach, context: StepContext): CallTool {
  const { modules, folder } = context;
  const module = modulePath(reach.module, folder);
  const secrets = secretsOf(reach, context);
  const { codes } = tool.errors;
  const called = reach.function;
  return ({ arguments: values, key }, stop) => {
    const call = { module, function: called, input: values, secrets, idempotencyKey: key, codes };
    if (!holdsFile(values)) return modules.call(call, stop);
    return withFiles(values, context).then((input) => modules.call({ ...call, input }, stop));
  };
}

/** A path of the program, or a package path such as `agentflow/web`. */
export function modulePath(module: string, folder: string): string {
  if (isAbsolute(module)) return module;
  return module.startsWith("agentflow/") ? module : join(folder, module);
}

function secretsOf(reach: ModuleReach, context: StepContext): Record<string, string> {
  const names = namesOf({}, context.config);
  const entries = Object.entries(reach.secrets).map(([name, expression]) => {
    const value = compileExpression(expression, context.program.schemas)(names);
    return [name, typeof value === "string" ? value : JSON.stringify(value)] as const;
  });
  return Object.fromEntries(entries);
}

/** The same value with bytes in place of each file. */
async function withFiles(
  values: { readonly [name: string]: Json },
  context: StepContext,
): Promise<{ readonly [name: string]: unknown }> {
  const convert = async (value: Json): Promise<unknown> => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return Promise.all((value as readonly Json[]).map(convert));
    if (isFileValue(value)) {
      const bytes = await bytesOf(value, context.files);
      return { name: value.name, mime: value.mime, size: value.size, bytes } satisfies FileContent;
    }
    const entries = Object.entries(value as { readonly [name: string]: Json });
    return Object.fromEntries(
      await Promise.all(entries.map(async ([name, item]) => [name, await convert(item)] as const)),
    );
  };
  return (await convert(values)) as { readonly [name: string]: unknown };
}

/** Most arguments hold no file, and are then passed as they are. */
function holdsFile(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return (value as readonly Json[]).some(holdsFile);
  const record = value as { readonly [name: string]: Json };
  if (typeof record["sha256"] === "string" && isFileValue(value)) return true;
  for (const name in record) if (holdsFile(record[name] ?? null)) return true;
  return false;
}
