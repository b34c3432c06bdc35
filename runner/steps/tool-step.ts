import { isAbsolute, join } from "node:path";

import { compileExpression } from "../../plan/evaluate/compile-expression.ts";
import { namesOf } from "../../plan/evaluate/names.ts";
import type { Json } from "../../plan/expression.ts";
import type { ModuleReach, ToolPlan } from "../../plan/plan.ts";
import type { ToolActivity } from "../engine/activity.ts";
import { failure, type CallOutcome } from "../ports/call-outcome.ts";
import { inTurns } from "../ports/in-turns.ts";
import type { FileContent } from "../ports/tool.ts";
import { bytesOf, isFileValue, prepareHttpCall, type BuildHttpCall } from "./http-call.ts";
import { unkeepableSteps } from "./unkeepable.ts";
import { toResult, type StepContext, type StepResult } from "./step-context.ts";

export type RunToolStep = (activity: ToolActivity, signal: AbortSignal) => Promise<StepResult>;

/** Calls tools of one program. The mapping of each HTTP tool is prepared once. */
export function createToolStep(context: StepContext): RunToolStep {
  const prepared = new Map<string, BuildHttpCall>();

  async function call(
    tool: ToolPlan,
    activity: ToolActivity,
    signal: AbortSignal,
  ): Promise<CallOutcome> {
    const { reach } = tool;
    const { key } = activity;
    switch (reach.kind) {
      case "http": {
        const build =
          prepared.get(activity.tool) ?? prepareHttpCall(tool, reach, context.program.schemas);
        prepared.set(activity.tool, build);
        const { config, secrets, files } = context;
        return context.http.call(
          await build({ arguments: activity.arguments, config, secrets, key, files }),
          signal,
        );
      }
      case "module": {
        const secrets = secretsOf(reach, context);
        return context.modules.call(
          {
            module: modulePath(reach.module, context.folder),
            function: reach.function,
            input: await withFiles(activity.arguments, context),
            secrets,
            idempotencyKey: key,
            codes: tool.errors.codes,
          },
          signal,
        );
      }
      case "mcp":
        return failure(
          "unavailable",
          `${activity.tool} is reached by MCP, which this version can't call`,
        );
    }
  }

  return async (activity, signal) => {
    const tool = context.program.tools[activity.tool];
    if (tool === undefined)
      return { ok: false, code: "internal", message: `the plan has no tool ${activity.tool}` };
    const outcome = await call(tool, activity, signal);
    if (!outcome.ok) return toResult(outcome);
    const { clock, maxValueBytes } = context;
    const problem = await inTurns(unkeepableSteps(outcome.value, maxValueBytes), clock);
    if (problem === null) return { ok: true, output: outcome.value };
    return { ok: false, code: "invalid_output", message: `${activity.tool} ${problem}` };
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
  if (!holdsFile(values)) return values;
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
