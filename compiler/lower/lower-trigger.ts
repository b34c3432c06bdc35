import type { Expression as PlanExpression } from "../../plan/expression.ts";
import type { TriggerPlan } from "../../plan/plan.ts";
import { constantText, writtenSetting } from "../flow/written.ts";
import type { On } from "../syntax/tree.ts";
import type { CheckedFlow } from "../types/checked.ts";
import type { FlowScope } from "./flow-scope.ts";
import { lowerAuth } from "./lower-tool.ts";
import {
  numbersOf,
  settingConstant,
  settingEntries,
  settingExpression,
  settingNumber,
  settingText,
  when,
} from "./lower-settings.ts";
import type { Settings } from "./lower-settings.ts";

/** Sorted, because which trigger is written first means nothing. */
export function lowerTriggers(flow: CheckedFlow, scope: FlowScope): readonly TriggerPlan[] {
  return flow.node.block.entries
    .filter((entry) => entry.kind === "on")
    .flatMap((on) => lowerTrigger(on, scope) ?? [])
    .sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
}

function sortKey(trigger: TriggerPlan): string {
  switch (trigger.kind) {
    case "http":
      return `http ${trigger.path} ${trigger.method}`;
    case "cron":
      return `cron ${trigger.expression} ${trigger.zone}`;
    default:
      return `${trigger.kind} ${trigger.topic}`;
  }
}

function lowerTrigger(on: On, scope: FlowScope): TriggerPlan | null {
  const { context, module } = scope;
  const settings: Settings = on.block === null ? new Map() : module.settingsOf(on.block);
  const argument = on.args[0]?.value;
  const target =
    argument === undefined
      ? ""
      : (constantText(context.program, { expression: argument, module }) ?? "");
  const input = settingEntries(settings, "input", scope);
  const common = {
    ...when("input", input === null ? undefined : sorted(input)),
    ...when("dedupe", settingExpression(settings, "dedupe", scope)),
    ...when("where", settingExpression(settings, "where", scope)),
  };
  switch (on.trigger.text) {
    case "http":
      return lowerHttpTrigger(target, settings, scope, common);
    case "cron": {
      const misfire = settingText(settings, "misfire", context);
      return {
        kind: "cron",
        expression: target.trim().split(/\s+/).join(" "),
        zone: settingText(settings, "zone", context) ?? "UTC",
        misfire: misfire === "all" || misfire === "skip" ? misfire : "once",
        overlap: overlapOf(settings, scope, "skip"),
        ...when("input", common.input),
      };
    }
    case "event":
    case "slack": {
      const { size, within } = numbersOf(settingConstant(settings, "batch", context));
      return {
        kind: on.trigger.text,
        topic: target,
        overlap: overlapOf(settings, scope, "queue"),
        ...common,
        ...when("debounceMs", settingNumber(settings, "debounce", context)),
        ...when(
          "batch",
          size === undefined || within === undefined ? undefined : { size, withinMs: within },
        ),
      };
    }
    default:
      return null;
  }
}

type Common = Pick<Extract<TriggerPlan, { kind: "http" }>, "input" | "dedupe" | "where">;

function lowerHttpTrigger(
  target: string,
  settings: Settings,
  scope: FlowScope,
  common: Common,
): TriggerPlan {
  const [method = "POST", path = "/"] = target.trim().split(/\s+/);
  const auth = writtenSetting(scope.context.program, settings.get("auth"));
  return {
    kind: "http",
    method: method.toUpperCase(),
    path,
    auth: auth === null ? { kind: "none" } : lowerAuth(auth, scope),
    respond: settingText(settings, "respond", scope.context) === "accepted" ? "accepted" : "wait",
    overlap: overlapOf(settings, scope, "queue"),
    ...common,
  };
}

function overlapOf(
  settings: Settings,
  scope: FlowScope,
  standard: "queue" | "skip",
): TriggerPlan["overlap"] {
  const overlap = settingText(settings, "overlap", scope.context);
  return overlap === "queue" || overlap === "skip" || overlap === "replace" ? overlap : standard;
}

function sorted(entries: ReadonlyMap<string, PlanExpression>): {
  readonly [param: string]: PlanExpression;
} {
  return Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : 1)));
}
