import type { CallExpression, Expression, Name, StringLiteral } from "../syntax/tree.ts";
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
  switch (expression.kind) {
    case "name":
      return scope.ofName(expression.name);
    case "string":
      return textTaint(expression, scope);
    case "fieldAccess":
      return expressionTaint(expression.object, scope);
    case "index":
      return both(expression.object, expression.index, scope);
    case "call":
      return callTaint(expression, scope);
    case "lambda":
      return expressionTaint(expression.body, scope);
    case "unary":
      return expressionTaint(expression.operand, scope);
    case "binary":
      return both(expression.left, expression.right, scope);
    case "conditional":
      return both(expression.then, expression.else, scope);
    case "record": {
      let taint = clean;
      for (const entry of expression.entries) {
        const value =
          entry.kind === "recordSpread" ? entry.value : (entry.value ?? shortEntry(entry.key));
        taint = joinTaint(taint, expressionTaint(value, scope));
      }
      return taint;
    }
    case "listLiteral": {
      let taint = clean;
      for (const item of expression.items) taint = joinTaint(taint, expressionTaint(item, scope));
      return taint;
    }
    case "parenthesized":
      return expressionTaint(expression.expression, scope);
    case "literal":
    case "errorExpression":
      return clean;
  }
}

function both(left: Expression, right: Expression, scope: LabelScope): Taint {
  return joinTaint(expressionTaint(left, scope), expressionTaint(right, scope));
}

function callTaint(call: CallExpression, scope: LabelScope): Taint {
  const callee = scope.module.callOf(call)?.callee;
  const included = scope.module.includeOf(call);
  if (included !== undefined) return textTaint(included, scope);
  // `trust(value, reason: "…")` is the audited way out; what is private stays so.
  if (callee?.kind === "pure" && callee.name === "trust") {
    const [value] = call.args;
    const secretive = value === undefined ? null : expressionTaint(value.value, scope).private;
    return secretive === null ? clean : { untrusted: null, private: secretive };
  }
  if (callee?.kind !== "method") return clean;
  let taint = expressionTaint(callee.object, scope);
  for (const argument of call.args)
    taint = joinTaint(taint, expressionTaint(argument.value, scope));
  return taint;
}

function textTaint(text: StringLiteral, scope: LabelScope): Taint {
  let taint = clean;
  for (const part of text.parts)
    if (part.kind === "interpolation")
      taint = joinTaint(taint, expressionTaint(part.expression, scope));
  return taint;
}
