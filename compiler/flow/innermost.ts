import type { Expression } from "../syntax/tree.ts";

/** Removes parentheses. */
export function innermost(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === "parenthesized") inner = inner.expression;
  return inner;
}
