import { insert, spanOf } from "../names/reporter.ts";
import { withoutParentheses } from "../names/plain-text.ts";
import type { Scope } from "../names/scope.ts";
import type { Expression, StringLiteral } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { withoutNull } from "./comparable.ts";
import { describe } from "./describe.ts";
import { factsOf } from "./facts-of.ts";
import { expectCondition } from "./infer-operators.ts";
import { join } from "./join.ts";
import { withFacts } from "./narrow.ts";
import { reportSecret } from "./report-mismatch.ts";
import { jsonType, stringType } from "./type.ts";
import type { Type } from "./type.ts";

/** A text with `${ }`. */
export function inferText(c: Checker, node: StringLiteral, scope: Scope): Type {
  for (const part of node.parts)
    if (part.kind === "interpolation") expectPrintable(c, part.expression, scope);
  return stringType;
}

/** What stands in `${ }`; the sides of `??` and `?:` there may be printed in different ways. */
function expectPrintable(c: Checker, expression: Expression, scope: Scope): void {
  const node = withoutParentheses(expression);
  if (node.kind === "conditional") {
    expectCondition(c, node.condition, scope, "the condition of `?:`");
    expectPrintable(c, node.then, withFacts(scope, factsOf(node.condition, true)));
    expectPrintable(c, node.else, withFacts(scope, factsOf(node.condition, false)));
    keep(c, expression, node, joinOrJson(c, c.infer(node.then, scope), c.infer(node.else, scope)));
    return;
  }
  if (node.kind === "binary" && node.operator === "??") {
    const left = c.infer(node.left, scope);
    if (left.kind === "optional") {
      reportUnprintable(c, node.left, left.inner, scope);
      expectPrintable(c, node.right, scope);
      keep(c, expression, node, joinOrJson(c, left.inner, c.infer(node.right, scope)));
      return;
    }
  }
  const type = c.infer(expression, scope);
  if (type.kind !== "optional" && type.kind !== "null") {
    reportUnprintable(c, expression, type, scope);
    return;
  }
  if (withoutNull(type).kind === "secret" && !scope.secrets)
    return reportSecret(c, { at: expression });
  const text = c.textOf(node);
  c.report({
    code: "AF3006",
    at: node,
    message:
      type.kind === "null"
        ? "null cannot be printed into a text"
        : `${text.length <= 40 ? `\`${text}\`` : "this value"} may be null, and null cannot be printed into a text`,
    help: type.kind === "null" ? "remove it" : 'say what stands there instead: `${x ?? "none"}`',
    fixes:
      type.kind === "null"
        ? []
        : [
            {
              title: "print `none` instead of null",
              edits: [insert(c.file, expression.end, ' ?? "none"')],
              safe: false,
            },
          ],
  });
}

function keep(c: Checker, expression: Expression, node: Expression, type: Type): void {
  c.results.types.set(node, type);
  for (
    let outer = expression;
    outer !== node && outer.kind === "parenthesized";
    outer = outer.expression
  )
    c.results.types.set(outer, type);
}

function joinOrJson(c: Checker, left: Type, right: Type): Type {
  return join(c.world, left, right) ?? jsonType;
}

function reportUnprintable(c: Checker, at: Expression, type: Type, scope: Scope): void {
  if (type.kind === "secret") {
    if (!scope.secrets) reportSecret(c, { at });
    return;
  }
  if (
    type.kind !== "callable" &&
    type.kind !== "model" &&
    type.kind !== "span" &&
    type.kind !== "rate"
  )
    return;
  c.report({
    code: "AF3005",
    at,
    message: `${describe(type)} cannot be printed into a text`,
    help:
      type.kind === "callable"
        ? `write its name as text, or call it in a step: \`step result = ${type.symbol.name}(…)\``
        : undefined,
    related:
      type.kind === "callable" && type.symbol.file === c.file
        ? declaredHere(c, type.symbol.name)
        : [],
  });
}

function declaredHere(
  c: Checker,
  name: string,
): { span: ReturnType<typeof spanOf>; message: string }[] {
  const node = c.module.facts.declared.get(name)?.node;
  return node === undefined
    ? []
    : [{ span: spanOf(c.file, node.name), message: `\`${name}\` is declared here` }];
}
