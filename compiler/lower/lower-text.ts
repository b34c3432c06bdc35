import type { Expression as PlanExpression, Print, TemplatePart } from "../../plan/expression.ts";
import type { Expression, StringLiteral } from "../syntax/tree.ts";
import type { Type } from "../types/type.ts";
import { typeIn } from "./lower-context.ts";
import type { Scope } from "./lower-context.ts";

type Lower = (expression: Expression, scope: Scope) => PlanExpression;

/** A text without interpolations is a constant. */
export function lowerText(text: StringLiteral, scope: Scope, lower: Lower): PlanExpression {
  const parts = text.parts.map((part): TemplatePart => {
    if (part.kind === "text") return part.text;
    const print = printOf(part.expression, scope);
    const value = lower(part.expression, scope);
    return scope.context.untrusted.has(part) ? { value, print, untrusted: true } : { value, print };
  });
  if (parts.every((part) => typeof part === "string"))
    return { op: "value", value: parts.join("") };
  return { op: "template", parts };
}

/** The sides of `??` and `?:` may print differently. */
function printOf(expression: Expression, scope: Scope): Print {
  switch (expression.kind) {
    case "parenthesized":
      return printOf(expression.expression, scope);
    case "binary":
      if (expression.operator !== "??") break;
      return either(printOf(expression.left, scope), printOf(expression.right, scope));
    case "conditional":
      return either(printOf(expression.then, scope), printOf(expression.else, scope));
    default:
  }
  return printOfType(typeIn(scope, scope.module.typeOf(expression)));
}

/** A value says by itself how it prints, except for numbers with a unit, which look like numbers, and files. */
function either(left: Print, right: Print): Print {
  const special = [left, right].find(
    (print) => print === "money" || print === "duration" || print === "file",
  );
  return special ?? (left === right ? left : "text");
}

function printOfType(type: Type): Print {
  switch (type.kind) {
    case "optional":
      return printOfType(type.inner);
    case "int":
    case "float":
    case "percent":
      return "number";
    case "bool":
    case "money":
    case "duration":
    case "date":
    case "time":
    case "file":
      return type.kind;
    case "list":
    case "record":
      return "json";
    case "union":
      return type.tag === null ? "text" : "json";
    default:
      return "text";
  }
}
