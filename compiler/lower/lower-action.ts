import type { Json } from "../../plan/expression.ts";
import type { ActionPlan, ForPlan, MatchPlan, RacePlan, RepeatPlan } from "../../plan/plan.ts";
import { isValue } from "../flow/flow-graph.ts";
import type { GraphStep } from "../flow/flow-graph.ts";
import { constantOf, follow, writtenSetting } from "../flow/written.ts";
import type { Block, For, If, Match, Pattern, Repeat } from "../syntax/tree.ts";
import type { FlowScope } from "./flow-scope.ts";
import { lowerCall } from "./lower-call.ts";
import { typeIn } from "./lower-context.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerFallback } from "./lower-fallback.ts";
import {
  constant,
  lowerBudget,
  lowerRate,
  settingExpression,
  settingText,
  when,
} from "./lower-settings.ts";
import type { Settings } from "./lower-settings.ts";

/** Items of a `for` that run at once, unless it says otherwise. */
const defaultConcurrency = 10;

export function lowerAction(step: GraphStep, scope: FlowScope): ActionPlan {
  const { action } = step;
  switch (action.kind) {
    case "invoke": {
      const call = isValue(action, scope.module) ? null : step.call;
      return call === null
        ? { kind: "value", value: lowerExpression(action.expression, scope) }
        : lowerCall(call, scope);
    }
    case "if":
      return lowerIf(action, scope);
    case "match":
      return lowerMatch(action, scope);
    case "for":
      return lowerFor(action, scope);
    case "repeat":
      return lowerRepeat(action, scope);
    case "race":
      return {
        kind: "race",
        body: scope.lowerBlock(action.block, scope),
        ...blockSettings(action.block, scope),
      } satisfies RacePlan;
  }
}

function lowerIf(action: If, scope: FlowScope): ActionPlan {
  return {
    kind: "if",
    test: lowerExpression(action.condition, scope),
    then: scope.lowerBlock(action.then, scope),
    else: action.else === null ? null : scope.lowerBlock(action.else, scope),
  };
}

function lowerMatch(action: Match, scope: FlowScope): MatchPlan {
  const arms = action.arms.map((arm) => ({
    values: arm.patterns.some((pattern) => pattern.value === "else")
      ? []
      : arm.patterns.map(patternValue),
    block: scope.lowerBlock(arm.body, scope),
  }));
  // No two arms take the same value, so only `else` has a place of its own.
  const inOrder = arms.sort((left, right) => compare(left.values, right.values));
  return { kind: "match", subject: lowerExpression(action.subject, scope), arms: inOrder };
}

function compare(left: readonly Json[], right: readonly Json[]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  const [a, b] = [JSON.stringify(left), JSON.stringify(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function patternValue(pattern: Pattern): Json {
  const { value } = pattern;
  if (value === "else") return null;
  if (value.kind === "string")
    return value.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
  return typeof value.value === "object" && value.value !== null ? null : value.value;
}

function lowerFor(action: For, scope: FlowScope): ForPlan {
  const settings = scope.module.settingsOf(action.block);
  const list = typeIn(scope, scope.module.typeOf(action.list));
  const bound = list.kind === "list" ? list.max : null;
  return {
    kind: "for",
    variable: action.variable.text,
    list: lowerExpression(action.list, scope),
    body: scope.lowerBlock(action.block, scope),
    maxItems:
      settingExpression(settings, "maxItems", scope) ?? constant(bound ?? Number.MAX_SAFE_INTEGER),
    concurrency: settingExpression(settings, "concurrency", scope) ?? constant(defaultConcurrency),
    ...when("tolerate", lowerTolerate(settings, scope)),
    ...when("key", settingExpression(settings, "key", scope)),
    ...when("needs", settingExpression(settings, "needs", scope)),
    ...when("deadLetter", settingText(settings, "deadLetter", scope.context)),
    ...when("rate", lowerRate(settings, scope.context)),
    ...blockSettings(action.block, scope),
  };
}

function lowerTolerate(settings: Settings, scope: FlowScope): ForPlan["tolerate"] {
  const { program } = scope.context;
  const written = writtenSetting(program, settings.get("tolerate"));
  if (written === null) return undefined;
  const { expression } = follow(program, written);
  const fraction =
    expression.kind === "literal" && expression.type === "percent"
      ? constantOf(program, written)
      : undefined;
  if (typeof fraction === "number") return { fraction };
  return { count: settingExpression(settings, "tolerate", scope) ?? constant(0) };
}

function lowerRepeat(action: Repeat, scope: FlowScope): RepeatPlan {
  const settings = scope.module.settingsOf(action.block);
  const exhausted = settingText(settings, "exhausted", scope.context);
  return {
    kind: "repeat",
    body: scope.lowerBlock(action.block, scope),
    until: settingExpression(settings, "until", scope) ?? constant(false),
    maxRounds: settingExpression(settings, "maxRounds", scope) ?? constant(1),
    exhausted: exhausted === "fail" ? "fail" : "keep",
    ...when("pauseMs", settingExpression(settings, "pause", scope)),
    ...blockSettings(action.block, scope),
  };
}

function blockSettings(
  block: Block,
  scope: FlowScope,
): Pick<RacePlan, "timeoutMs" | "budget" | "fallback"> {
  const settings = scope.module.settingsOf(block);
  return {
    ...when("timeoutMs", settingExpression(settings, "timeout", scope)),
    ...when("budget", lowerBudget(settings, scope)),
    ...when("fallback", lowerFallback(settings, scope)),
  };
}
