import type { Callee, CallPlan } from "../../plan/plan.ts";
import type { FlowCall } from "../flow/flow-graph.ts";
import { handoffsOf, settingSymbol } from "../flow/uses.ts";
import type { ActionFunction } from "../names/symbol.ts";
import type { ResolvedCall } from "../types/checked.ts";
import { instanceOf } from "../types/instance.ts";
import { substitute } from "../types/substitute.ts";
import type { FlowScope } from "./flow-scope.ts";
import { lowerArguments } from "./lower-arguments.ts";
import { typeIn } from "./lower-context.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerFallback } from "./lower-fallback.ts";
import {
  lowerBudget,
  lowerCache,
  lowerOwnRetry,
  settingConstant,
  settingExpression,
  settingNumber,
  settingTexts,
  when,
} from "./lower-settings.ts";
import type { Settings } from "./lower-settings.ts";

export function lowerCall(flowCall: FlowCall, scope: FlowScope): CallPlan {
  const { call, settings } = flowCall;
  const { context } = scope;
  const isAction = call.callee.kind === "action";
  const model = settingSymbol(context.program, settings.get("model"));
  const restart = settingConstant(settings, "restart", context);
  return {
    kind: "call",
    callee: lowerCallee(call, settings, scope),
    arguments:
      call.callee.kind === "action"
        ? actionArguments(call, call.callee.name, scope)
        : lowerArguments(call.args, scope),
    ...when("input", isAction ? undefined : inputSchema(call, scope)),
    ...when("returns", returnsSchema(flowCall, scope)),
    ...when("retry", lowerOwnRetry(settings, scope)),
    ...when("timeoutMs", settingExpression(settings, "timeout", scope)),
    ...when("cache", lowerCache(settings, context)),
    ...when("budget", lowerBudget(settings, scope)),
    ...when("model", model === null ? undefined : context.names.of(model)),
    ...when("idempotencyKey", settingExpression(settings, "idempotencyKey", scope)),
    ...when("restart", typeof restart === "boolean" ? restart : undefined),
    ...when("priority", settingExpression(settings, "priority", scope)),
    ...when("memory", memoryOf(settings)),
    ...lowerHandoffs(settings, scope),
    ...when("where", settingExpression(settings, "where", scope)),
    ...when("pauseMs", settingExpression(settings, "pause", scope)),
    ...when("maxRuns", settingNumber(settings, "maxRuns", context)),
    ...when("fallback", lowerFallback(settings, scope)),
    ...when("undo", lowerUndo(settings, scope)),
  };
}

function lowerCallee(call: ResolvedCall, settings: Settings, scope: FlowScope): Callee {
  const { context } = scope;
  const { callee } = call;
  const target = instanceOf(context.program, scope.module, call, scope.instance);
  if (target !== undefined) {
    if (target.symbol.kind === "flow") return { kind: "flow", name: context.names.ofFlow(target) };
    return {
      kind: target.symbol.kind === "tool" ? "tool" : "agent",
      name: context.names.of(target.symbol),
    };
  }
  switch (callee.kind) {
    case "role":
      return {
        kind: "role",
        role: context.names.of(callee.symbol),
        requires: [...settingTexts(settings, "requires", context)].sort(),
      };
    case "roleParameter":
      return {
        kind: "value",
        role: context.names.of(callee.role),
        value: { op: "name", name: callee.parameter },
      };
    case "roleValue":
      return {
        kind: "value",
        role: context.names.of(callee.role),
        value: lowerExpression(callee.value, scope),
      };
    case "action":
      return { kind: callee.name };
    default:
      // Only calls that stand as steps are lowered here; all others are parts of expressions.
      return { kind: "fail" };
  }
}

function inputSchema(call: ResolvedCall, scope: FlowScope): string {
  const typeArgs = "typeArgs" in call.callee ? call.callee.typeArgs : new Map();
  const params = call.args.map(({ parameter }) => ({
    ...parameter,
    type: typeIn(scope, substitute(parameter.type, typeArgs)),
  }));
  return scope.context.schemas.referRecord(params);
}

/** What arrives from outside without a declared type of its own. */
function returnsSchema({ call, step }: FlowCall, scope: FlowScope): string | undefined {
  if (call.callee.kind !== "action" || call.callee.name !== "receive") return undefined;
  const { node } = step;
  const type =
    node === null
      ? scope.module.typeOfAction(step.action)
      : scope.module.typeOfSymbol({ scope: "local", kind: "step", name: step.name, node });
  return scope.context.schemas.refer(typeIn(scope, type));
}

function actionArguments(
  call: ResolvedCall,
  action: ActionFunction,
  scope: FlowScope,
): CallPlan["arguments"] {
  if (action === "continue") return lowerArguments(call.args, scope);
  const given = call.args.flatMap(({ parameter, node }) =>
    node === null ? [] : [{ name: parameter.name, value: node.value }],
  );
  return Object.fromEntries(
    given.map(({ name, value }, index) => {
      const lowered = lowerExpression(value, scope);
      const type = typeIn(scope, scope.module.typeOf(value));
      if (action === "fail" && index === 0)
        return [type.kind === "record" ? "error" : "code", lowered];
      if (action === "sleep") return [type.kind === "time" ? "until" : "for", lowered];
      return [name, lowered];
    }),
  );
}

function memoryOf(settings: Settings): string | undefined {
  const memory = settings.get("memory");
  if (memory?.value.kind !== "invoke" || memory.value.expression.kind !== "name") return undefined;
  return memory.value.expression.name.text;
}

function lowerHandoffs(
  settings: Settings,
  scope: FlowScope,
): Pick<CallPlan, "handoffs" | "maxHandoffs"> {
  const { context } = scope;
  if (!settings.has("handoffs")) return {};
  const arrows = handoffsOf(context.program, settings.get("handoffs")).flatMap(({ from, to }) => {
    if (from === null) return [];
    const targets = to.flatMap(({ symbol }) => (symbol === null ? [] : [context.names.of(symbol)]));
    return [[context.names.of(from), targets.sort()] as const];
  });
  const count = arrows.reduce((sum, [, targets]) => sum + targets.length, 0);
  return {
    handoffs: Object.fromEntries(arrows),
    maxHandoffs: settingNumber(settings, "maxHandoffs", context) ?? count,
  };
}

function lowerUndo(settings: Settings, scope: FlowScope): CallPlan | undefined {
  const undo = settings.get("undo");
  const step = undo === undefined ? undefined : scope.graph.stepOf(undo.value);
  const call = step?.call ?? null;
  return call === null ? undefined : lowerCall(call, scope);
}
