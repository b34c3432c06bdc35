import type { Bounds, FlowPlan, StatePlan } from "../../plan/plan.ts";
import type { FlowEffects } from "../flow/effects.ts";
import type { FlowInstance } from "../flow/reach.ts";
import { constantOf, writtenRecord, writtenSetting } from "../flow/written.ts";
import type { State } from "../syntax/tree.ts";
import { flowScope } from "./flow-scope.ts";
import type { FlowScope } from "./flow-scope.ts";
import { lowerParams } from "./lower-agent.ts";
import { lowerBlock } from "./lower-block.ts";
import type { LowerContext } from "./lower-context.ts";
import { typeIn } from "./lower-context.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerFallback } from "./lower-fallback.ts";
import {
  constant,
  lowerBudget,
  lowerRate,
  lowerWritten,
  settingEntries,
  settingExpression,
  settingNumber,
  settingText,
  when,
} from "./lower-settings.ts";
import type { Settings } from "./lower-settings.ts";
import { lowerTriggers } from "./lower-trigger.ts";

export interface FlowFigures {
  readonly bounds: Bounds;
  readonly effects: FlowEffects;
  readonly runnable: boolean;
}

export function lowerFlow(
  found: FlowInstance,
  figures: FlowFigures,
  context: LowerContext,
): FlowPlan {
  const { flow } = found;
  const scope = flowScope(context, found, lowerBlock);
  const { settings, signature } = flow;
  const params = signature.params.map((param) => ({ ...param, type: typeIn(scope, param.type) }));
  return {
    name: flow.symbol.name,
    params: lowerParams(signature.params, scope),
    input: context.schemas.referRecord(params),
    returns: context.schemas.refer(typeIn(scope, signature.returns)),
    body: lowerBlock(flow.node.block, scope, settings),
    states: lowerStates(
      scope,
      flow.node.block.entries.filter((entry) => entry.kind === "state"),
    ),
    triggers: lowerTriggers(flow, scope),
    effects: { acts: figures.effects.acts, sends: figures.effects.sends },
    bounds: figures.bounds,
    runnable: figures.runnable,
    ...when("doc", flow.doc),
    ...when("was", settingText(settings, "was", context)),
    ...when("timeoutMs", settingExpression(settings, "timeout", scope)),
    ...when("budget", lowerBudget(settings, scope)),
    ...when("rate", lowerRate(settings, context)),
    ...when("concurrency", lowerConcurrency(settings, scope)),
    ...when("priority", settingExpression(settings, "priority", scope)),
    ...when("deadLetter", settingText(settings, "deadLetter", context)),
    ...when("fallback", lowerFallback(settings, scope)),
    ...when("cancelOn", lowerCancelOn(settings, scope)),
  };
}

/** `concurrency: 4`, or `{ limit: 1, per: expression }`. */
function lowerConcurrency(settings: Settings, scope: FlowScope): FlowPlan["concurrency"] {
  const { program } = scope.context;
  const written = writtenSetting(program, settings.get("concurrency"));
  if (written === null) return undefined;
  const whole = constantOf(program, written);
  if (typeof whole === "number") return { limit: whole };
  const entries = writtenRecord(program, written);
  const limit = constantOf(program, entries?.get("limit") ?? null);
  const per = entries?.get("per");
  return {
    limit: typeof limit === "number" ? limit : 1,
    ...when("per", per === undefined ? undefined : lowerWritten(per, scope)),
  };
}

function lowerCancelOn(settings: Settings, scope: FlowScope): FlowPlan["cancelOn"] {
  const entries = settingEntries(settings, "cancelOn", scope);
  const topic = entries?.get("topic");
  if (entries === null || topic?.op !== "value") return undefined;
  return { topic: String(topic.value), ...when("where", entries.get("where")) };
}

function lowerStates(scope: FlowScope, states: readonly State[]): readonly StatePlan[] {
  return states
    .map((state) => lowerState(state, scope))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function lowerState(state: State, scope: FlowScope): StatePlan {
  const { context, module } = scope;
  const settings: Settings = state.block === null ? new Map() : module.settingsOf(state.block);
  const type = typeIn(
    scope,
    module.typeOfSymbol({ scope: "local", kind: "state", name: state.name.text, node: state }),
  );
  const onIdle = settings.get("onIdle");
  return {
    name: state.name.text,
    schema: context.schemas.refer(type),
    initial: lowerExpression(state.initial, scope),
    per: settingExpression(settings, "per", scope) ?? constant(""),
    ...when("was", settingText(settings, "was", context)),
    ...when("next", settingExpression(settings, "next", scope)),
    ...when("idleMs", settingNumber(settings, "idle", context)),
    ...when("onIdle", onIdle === undefined ? undefined : lowerBlock(onIdle.value, scope)),
    ...when("maxItems", type.kind === "list" ? type.max : null),
  };
}
