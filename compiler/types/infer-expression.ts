import type { Scope } from "../names/scope.ts";
import type {
  Expression,
  LambdaExpression,
  LiteralExpression,
  NameExpression,
} from "../syntax/tree.ts";
import type { Checker, InferOptions } from "./checker.ts";
import { inferChain } from "./infer-chain.ts";
import { inferConditional, inferList, inferRecord } from "./infer-collections.ts";
import { inferBinary, inferUnary } from "./infer-operators.ts";
import { inferText } from "./infer-text.ts";
import { errorType } from "./type.ts";
import type { Type } from "./type.ts";

/** What is neither a name nor constant. */
type Composed = Exclude<Expression, LiteralExpression | NameExpression>;

/** The type of an expression, from the inside out; faults are reported where they are. */
export function inferExpression(
  c: Checker,
  node: Composed,
  scope: Scope,
  options: InferOptions,
): Type {
  switch (node.kind) {
    case "string":
      return inferText(c, node, scope);
    case "fieldAccess":
    case "index":
    case "call":
      return inferChain(c, node, scope, options);
    case "lambda":
      return strayLambda(c, node);
    case "unary":
      return inferUnary(c, node, scope);
    case "binary":
      return inferBinary(c, node, scope, options);
    case "conditional":
      return inferConditional(c, node, scope, options);
    case "record":
      return inferRecord(c, node, scope, options);
    case "listLiteral":
      return inferList(c, node, scope, options);
    case "parenthesized":
      return c.infer(
        node.expression,
        scope,
        options.place === "action" ? { ...options, place: "value" } : options,
      );
    case "errorExpression":
      return errorType;
  }
}

/** Its parameter has no type, so its body is not looked at. */
function strayLambda(c: Checker, node: LambdaExpression): Type {
  c.report({
    code: "AF3011",
    at: node,
    message: "a function `x => …` stands only as the argument of a method",
    help: "use it at once, as in `items.map(x => …)`; it cannot be kept or passed on",
  });
  return errorType;
}
