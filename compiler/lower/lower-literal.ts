import type { Expression } from "../../plan/expression.ts";
import type { LiteralExpression } from "../syntax/tree.ts";

/** Literals as plan values: money in dollars, durations in milliseconds, percentages as fractions. */
export function lowerLiteral(literal: LiteralExpression): Expression {
  const { value, type } = literal;
  if (typeof value === "object" && value !== null)
    return { op: "value", value: { count: value.count, perMs: value.perMs } };
  if (type === "money" && typeof value === "number")
    return { op: "value", value: value / 1_000_000 };
  return { op: "value", value };
}
