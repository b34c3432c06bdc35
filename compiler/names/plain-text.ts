import type { Expression, Name, Node } from "../syntax/tree.ts";

/** The text of a string without `${ }`; undefined for every other expression. */
export function plainText(expression: Expression): string | undefined {
  if (expression.kind === "parenthesized") return plainText(expression.expression);
  if (expression.kind !== "string") return undefined;
  if (expression.parts.length === 0) return "";
  const [part] = expression.parts;
  return expression.parts.length === 1 && part?.kind === "text" ? part.text : undefined;
}

export function isName(node: Node): node is Name {
  return "text" in node && !("kind" in node);
}

/** The expression without the parentheses around it. */
export function withoutParentheses(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === "parenthesized") inner = inner.expression;
  return inner;
}
