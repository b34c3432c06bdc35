import type { Expression as PlanExpression, Method, NumberKind } from "../../plan/expression.ts";
import type { Argument, Expression } from "../syntax/tree.ts";
import type { Type } from "../types/type.ts";
import { numberKind } from "../flow/number-kind.ts";
import { typeIn } from "./lower-context.ts";
import type { Scope } from "./lower-context.ts";

type Lower = (expression: Expression, scope: Scope) => PlanExpression;

export interface MethodCall {
  readonly name: Method;
  readonly object: Expression;
  readonly args: readonly Argument[];
  /** The object, lowered. */
  readonly of: PlanExpression;
  readonly result: Type;
}

export function lowerMethod(call: MethodCall, scope: Scope, lower: Lower): PlanExpression {
  const value = call.args[0]?.value;
  const base = { op: "method", name: call.name, of: call.of } as const;
  const as = methodKind(call, scope);
  const kind = as === null ? {} : { as };
  if (value === undefined) return { ...base, ...kind };
  if (value.kind === "lambda") {
    return {
      ...base,
      lambda: { param: value.param.text, body: lower(value.body, scope) },
      ...kind,
    };
  }
  return { ...base, argument: lower(value, scope), ...kind };
}

/** Kind of the numbers that decide rounding or order, for the methods that have any. */
function methodKind({ name, object, args, result }: MethodCall, scope: Scope): NumberKind | null {
  const type = withoutNull(typeIn(scope, scope.module.typeOf(object)));
  switch (name) {
    case "sum":
    case "avg":
    case "min":
    case "max": {
      const argument = args[0]?.value;
      if (argument?.kind === "lambda")
        return numberKind(typeIn(scope, scope.module.typeOf(argument.body)));
      return numberKind(type.kind === "list" ? type.item : typeIn(scope, result));
    }
    case "sortBy": {
      const argument = args[0]?.value;
      return argument?.kind === "lambda"
        ? numberKind(typeIn(scope, scope.module.typeOf(argument.body)))
        : null;
    }
    case "round":
    case "floor":
    case "ceil":
    case "abs":
      return numberKind(type);
    default:
      return null;
  }
}

function withoutNull(type: Type): Type {
  return type.kind === "optional" ? type.inner : type;
}
