import type { AgentPlan, ParamPlan, ToolUse } from "../../plan/plan.ts";
import type { Json } from "../../plan/expression.ts";
import { callable, settingSymbol, toolsOf } from "../flow/uses.ts";
import type { WrittenTool } from "../flow/uses.ts";
import type { CheckedAgent } from "../types/checked.ts";
import type { Parameter } from "../types/type.ts";
import { fileScope, settingScope, typeIn } from "./lower-context.ts";
import type { LowerContext, Scope } from "./lower-context.ts";
import { lowerExpression } from "./lower-expression.ts";
import {
  constant,
  lowerBudget,
  lowerCache,
  lowerRate,
  lowerRetry,
  settingConstant,
  settingEntries,
  settingExpression,
  settingNumber,
  settingTexts,
  when,
} from "./lower-settings.ts";

/** Turns of an agent that has tools and does not say how many. */
const defaultToolTurns = 8;

export function lowerAgent(agent: CheckedAgent, context: LowerContext): AgentPlan | null {
  const scope = fileScope(context, agent.symbol.file);
  const model = settingSymbol(context.program, agent.settings.get("model"));
  if (scope === null || model === null) return null;
  const { settings, signature } = agent;
  const tools = toolsOf(context.program, agent);
  return {
    params: lowerParams(signature.params, scope),
    returns: context.schemas.refer(signature.returns),
    model: context.names.of(model),
    prompt: settingExpression(settings, "prompt", scope) ?? constant(""),
    examples: examplesOf(settingConstant(settings, "examples", context)),
    tools: tools.flatMap((tool) => lowerToolUse(tool, agent, scope) ?? []).sort(byCallee),
    maxTurns:
      settingNumber(settings, "maxTurns", context) ?? (tools.length > 0 ? defaultToolTurns : 1),
    checks: [...(settingEntries(settings, "check", scope) ?? [])]
      .map(([message, test]) => ({ message, test }))
      .sort((left, right) => (left.message < right.message ? -1 : 1)),
    skills: [...settingTexts(settings, "skills", context)].sort(),
    retry: lowerRetry(settings, scope, 1),
    labels: {
      untrusted: signature.returnLabels.untrusted,
      private: signature.returnLabels.private,
    },
    ...when("doc", agent.doc),
    ...when("system", settingExpression(settings, "system", scope)),
    ...when("timeoutMs", settingExpression(settings, "timeout", scope)),
    ...when("budget", lowerBudget(settings, scope)),
    ...when("cache", lowerCache(settings, context)),
    ...when("rate", lowerRate(settings, context)),
    ...when("concurrency", settingNumber(settings, "concurrency", context)),
    ...when("maxInput", settingNumber(settings, "maxInput", context)),
    ...when("maxOutput", settingNumber(settings, "maxOutput", context)),
  };
}

export function lowerParams(params: readonly Parameter[], scope: Scope): readonly ParamPlan[] {
  return params.map((param) => {
    const owner = param.default === null ? null : fileScope(scope.context, param.default.file);
    return {
      name: param.name,
      schema: scope.context.schemas.refer(typeIn(scope, param.type)),
      ...when("doc", param.doc),
      ...when(
        "default",
        param.default === null || owner === null
          ? undefined
          : lowerExpression(param.default.expression, owner),
      ),
    };
  });
}

function lowerToolUse(tool: WrittenTool, agent: CheckedAgent, scope: Scope): ToolUse | null {
  const { context } = scope;
  const callee = callable(context.program, tool.symbol);
  const setting = agent.settings.get("tools");
  if (callee === null || setting === undefined) return null;
  const inner = { ...settingScope(scope, setting), module: tool.at.module };
  const fixed = (tool.call?.args ?? []).flatMap(({ parameter, node }) =>
    node === null ? [] : [[parameter.name, lowerExpression(node.value, inner)] as const],
  );
  const taken = new Set(fixed.map(([name]) => name));
  return {
    kind: callee.kind,
    callee: context.names.of(tool.symbol),
    input: context.schemas.referRecord(
      callee.signature.params.filter((param) => !taken.has(param.name)),
    ),
    fixed: Object.fromEntries(fixed),
    ...when("description", callee.doc),
  };
}

function byCallee(left: ToolUse, right: ToolUse): number {
  return left.callee < right.callee ? -1 : left.callee > right.callee ? 1 : 0;
}

function examplesOf(value: Json | undefined): AgentPlan["examples"] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((item) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return [];
    const { input, output } = item as { readonly [key: string]: Json };
    return input === undefined || output === undefined ? [] : [{ input, output }];
  });
}
