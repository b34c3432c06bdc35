import type { Expression, Name, StringLiteral } from "../syntax/tree.ts";
import type { CheckedModule, CheckedProgram } from "../types/checked.ts";
import { asType, clean, joinTaint } from "./taint.ts";
import type { Taint } from "./taint.ts";
import { shortEntry } from "./written.ts";

/** What the analysis knows at the place of an expression. */
export interface LabelScope {
  readonly program: CheckedProgram;
  readonly module: CheckedModule;
  /** Labels of a name: a parameter, step, let, item, `previous` … */
  ofName(name: Name): Taint;
}

/** The labels of an expression's value: those of all it is made of, as far as its type can carry them. */
export function expressionTaint(expression: Expression, scope: LabelScope): Taint {
  const taint = rawTaint(expression, scope);
  return taint === clean ? clean : asType(taint, scope.module.typeOf(expression));
}

function rawTaint(expression: Expression, scope: LabelScope): Taint {
  const of = (inner: Expression): Taint => expressionTaint(inner, scope);
  switch (expression.kind) {
    case "name":
      return scope.ofName(expression.name);
    case "string":
      return textTaint(expression, scope);
    case "fieldAccess":
      return of(expression.object);
    case "index":
      return joinTaint(of(expression.object), of(expression.index));
    case "call": {
      const callee = scope.module.callOf(expression)?.callee;
      const included = scope.module.includeOf(expression);
      if (included !== undefined) return textTaint(included, scope);
      const args = expression.args.map((argument) => argument.value);
      // `trust(value, reason: "…")` is the audited way out; what is private stays so.
      if (callee?.kind === "pure" && callee.name === "trust")
        return { untrusted: null, private: args[0] === undefined ? null : of(args[0]).private };
      return callee?.kind === "method" ? joinTaint(of(callee.object), ...args.map(of)) : clean;
    }
    case "lambda":
      return of(expression.body);
    case "unary":
      return of(expression.operand);
    case "binary":
      return joinTaint(of(expression.left), of(expression.right));
    case "conditional":
      return joinTaint(of(expression.then), of(expression.else));
    case "record":
      return joinTaint(
        ...expression.entries.map((entry) =>
          of(entry.kind === "recordSpread" ? entry.value : (entry.value ?? shortEntry(entry.key))),
        ),
      );
    case "listLiteral":
      return joinTaint(...expression.items.map(of));
    case "parenthesized":
      return of(expression.expression);
    case "literal":
    case "errorExpression":
      return clean;
  }
}

function textTaint(text: StringLiteral, scope: LabelScope): Taint {
  return joinTaint(
    ...text.parts.map((part) =>
      part.kind === "interpolation" ? expressionTaint(part.expression, scope) : clean,
    ),
  );
}
