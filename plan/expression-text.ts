/** A plan's expression in the language's own words, short enough for a picture or a report. */

import type { Expression, TemplatePart } from "./expression.ts";

const operators: { readonly [op: string]: { readonly sign: string; readonly level: number } } = {
  coalesce: { sign: "??", level: 1 },
  or: { sign: "||", level: 2 },
  and: { sign: "&&", level: 3 },
  equal: { sign: "==", level: 4 },
  notEqual: { sign: "!=", level: 4 },
  less: { sign: "<", level: 5 },
  lessOrEqual: { sign: "<=", level: 5 },
  greater: { sign: ">", level: 5 },
  greaterOrEqual: { sign: ">=", level: 5 },
  add: { sign: "+", level: 6 },
  subtract: { sign: "-", level: 6 },
  multiply: { sign: "*", level: 7 },
  divide: { sign: "/", level: 7 },
};

/** Binding strength of what is not a binary operation. */
const unaryLevel = 8;
const primaryLevel = 9;

export function expressionText(expression: Expression): string {
  return print(expression, "_");
}

/** `it` is the text that stands for `{ op: "it" }`. */
function print(expression: Expression, it: string): string {
  switch (expression.op) {
    case "value":
      return JSON.stringify(expression.value);
    case "name":
      return expression.name === "" ? "its value" : expression.name;
    case "config":
      return `config.${expression.name}`;
    case "it":
      return it;
    case "field":
      return `${inner(expression.of, primaryLevel, it)}.${expression.name}`;
    case "index":
      return `${inner(expression.of, primaryLevel, it)}[${print(expression.at, it)}]`;
    case "optional":
      return optionalText(expression, it);
    case "record":
      return recordText(expression.entries, it);
    case "list":
      return `[${expression.items.map((item) => print(item, it)).join(", ")}]`;
    case "template":
      return `"${expression.parts.map((part) => partText(part, it)).join("")}"`;
    case "not":
      return `!${inner(expression.of, unaryLevel, it)}`;
    case "negate":
      return `-${inner(expression.of, unaryLevel, it)}`;
    case "if":
      return [expression.test, expression.then, expression.else]
        .map((part) => inner(part, 1, it))
        .map((text, index) => (index === 0 ? text : index === 1 ? ` ? ${text}` : ` : ${text}`))
        .join("");
    case "method":
      return methodText(expression, it);
    case "checked":
      return print(expression.of, it);
    default: {
      const operator = operators[expression.op];
      const level = operator?.level ?? 0;
      const left = inner(expression.left, level, it);
      return `${left} ${operator?.sign ?? expression.op} ${inner(expression.right, level + 1, it)}`;
    }
  }
}

function inner(expression: Expression, level: number, it: string): string {
  const own = bindingLevel(expression);
  const text = print(expression, it);
  return own < level ? `(${text})` : text;
}

function bindingLevel(expression: Expression): number {
  if (expression.op === "if") return 0;
  if (expression.op === "not" || expression.op === "negate") return unaryLevel;
  return operators[expression.op]?.level ?? primaryLevel;
}

function optionalText(expression: Extract<Expression, { op: "optional" }>, it: string): string {
  const base = inner(expression.of, primaryLevel, it);
  const rest = print(expression.rest, base);
  return rest.startsWith(`${base}.`) ? `${base}?${rest.slice(base.length)}` : rest;
}

function recordText(entries: Extract<Expression, { op: "record" }>["entries"], it: string): string {
  const texts = entries.map((entry) =>
    "spread" in entry
      ? `...${print(entry.spread, it)}`
      : fieldText(entry.key, print(entry.value, it)),
  );
  return texts.length === 0 ? "{}" : `{ ${texts.join(", ")} }`;
}

function fieldText(key: string, value: string): string {
  return key === value ? key : `${key}: ${value}`;
}

function partText(part: TemplatePart, it: string): string {
  return typeof part === "string"
    ? JSON.stringify(part).slice(1, -1)
    : `\${${print(part.value, it)}}`;
}

function methodText(expression: Extract<Expression, { op: "method" }>, it: string): string {
  const of = inner(expression.of, primaryLevel, it);
  if (expression.name === "length" || expression.name === "date") return `${of}.${expression.name}`;
  if (expression.lambda !== undefined) {
    return `${of}.${expression.name}(${expression.lambda.param} => ${print(expression.lambda.body, it)})`;
  }
  return `${of}.${expression.name}(${expression.argument === undefined ? "" : print(expression.argument, it)})`;
}
