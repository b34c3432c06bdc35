import type { Expression as PlanExpression } from "../../plan/expression.ts";
import type { BoundArgument } from "../types/checked.ts";
import { fileScope } from "./lower-context.ts";
import type { Scope } from "./lower-context.ts";
import { lowerExpression } from "./lower-expression.ts";
import { constant } from "./lower-settings.ts";

/** A value for every parameter: defaults are written out, and what may be null and was left out is null. */
export function lowerArguments(
  args: readonly BoundArgument[],
  scope: Scope,
): { readonly [param: string]: PlanExpression } {
  return Object.fromEntries(
    args.map(({ parameter, node }) => {
      if (node !== null) return [parameter.name, lowerExpression(node.value, scope)];
      const owner =
        parameter.default === null ? null : fileScope(scope.context, parameter.default.file);
      const value =
        parameter.default === null || owner === null
          ? constant(null)
          : lowerExpression(parameter.default.expression, owner);
      return [parameter.name, value];
    }),
  );
}
