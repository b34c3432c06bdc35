import type { BlockPlan } from "../../plan/plan.ts";
import type { FlowScope } from "./flow-scope.ts";
import type { Settings } from "./lower-settings.ts";

/** The `fallback:` of a call, a block or a flow. */
export function lowerFallback(settings: Settings, scope: FlowScope): BlockPlan | undefined {
  const fallback = settings.get("fallback");
  return fallback === undefined ? undefined : scope.lowerBlock(fallback.value, scope);
}
