import type { Expression as PlanExpression, Json, NumberKind } from "../../plan/expression.ts";
import { numberKind } from "../flow/number-kind.ts";
import { shortEntry } from "../flow/written.ts";
import type {
  BinaryExpression,
  CallExpression,
  Expression,
  FieldExpression,
  IndexExpression,
  Name,
  RecordExpression,
} from "../syntax/tree.ts";
import type { Type } from "../types/type.ts";
import { fileScope, typeIn } from "./lower-context.ts";
import type { Scope } from "./lower-context.ts";
import { meetsType } from "./json-meets-type.ts";
import { lowerLiteral } from "./lower-literal.ts";
import { lowerMethod } from "./lower-method.ts";
import { lowerText } from "./lower-text.ts";

const nullValue: PlanExpression = { op: "value", value: null };

/** Lowers an expression of a program without errors. A `json` value that meets another type here is checked here. */
export function lowerExpression(expression: Expression, scope: Scope): PlanExpression {
  const lowered = lowerUnchecked(expression, scope);
  const expected = scope.module.expectedOf(expression);
  if (expected === undefined || expression.kind === "record" || expression.kind === "listLiteral")
    return lowered;
  const given = typeIn(scope, scope.module.typeOf(expression));
  const wanted = typeIn(scope, expected);
  if (!meetsType(given, wanted)) return lowered;
  return { op: "checked", of: lowered, schema: scope.context.schemas.refer(wanted) };
}

function lowerUnchecked(expression: Expression, scope: Scope): PlanExpression {
  switch (expression.kind) {
    case "literal":
      return lowerLiteral(expression);
    case "string":
      return lowerText(expression, scope, lowerExpression);
    case "name":
      return lowerName(expression.name, scope);
    case "fieldAccess":
    case "index":
      return lowerChain(expression, scope, (value) => value);
    case "call":
      return lowerCall(expression, scope);
    case "unary":
      return lowerUnary(expression.operator, expression.operand, scope);
    case "binary":
      return lowerBinary(expression, scope);
    case "conditional":
      return {
        op: "if",
        test: lowerExpression(expression.condition, scope),
        then: lowerExpression(expression.then, scope),
        else: lowerExpression(expression.else, scope),
      };
    case "record":
      return lowerRecord(expression, scope);
    case "listLiteral":
      return folded(
        { op: "list", items: expression.items.map((item) => lowerExpression(item, scope)) },
        (items) => items,
      );
    case "parenthesized":
      return lowerExpression(expression.expression, scope);
    case "lambda":
    case "errorExpression":
      return nullValue;
  }
}

/** A list or record of constants is a constant, so that equal settings give equal plans however they are written. */
function folded(
  list: Extract<PlanExpression, { op: "list" }>,
  of: (items: readonly Json[]) => Json,
): PlanExpression {
  const values: Json[] = [];
  for (const item of list.items) {
    if (item.op !== "value") return list;
    values.push(item.value);
  }
  return { op: "value", value: of(values) };
}

function lowerName(name: Name, scope: Scope): PlanExpression {
  const symbol = scope.module.symbolOf(name);
  if (symbol === undefined) return nullValue;
  if (symbol.scope === "local" && symbol.kind === "let" && scope.writesOutLets === true)
    return lowerExpression(symbol.node.value, scope);
  if (symbol.scope !== "global") return { op: "name", name: name.text };
  if (symbol.kind !== "let") return { op: "value", value: scope.context.names.of(symbol) };
  const declaration = scope.context.program.declarationOf(symbol);
  const owner = fileScope(scope.context, symbol.file);
  if (declaration?.kind !== "let" || owner === null) return nullValue;
  return lowerExpression(declaration.node.value, owner);
}

type Wrap = (value: PlanExpression) => PlanExpression;

/**
 * Lowers `a.b?.c.d`: null ends the whole chain, so everything behind a `?.` moves into the `rest` of the `optional` in
 * front of it. `wrap` is what stands behind `expression` in the chain.
 */
function lowerChain(expression: Expression, scope: Scope, wrap: Wrap): PlanExpression {
  switch (expression.kind) {
    case "fieldAccess":
      return lowerField(expression, scope, wrap);
    case "index":
      return lowerIndex(expression, scope, wrap);
    case "call": {
      const method = scope.module.callOf(expression)?.callee;
      if (method?.kind !== "method" || expression.callee.kind !== "fieldAccess")
        return wrap(lowerExpression(expression, scope));
      const { object, optional } = expression.callee;
      const call = (of: PlanExpression) =>
        lowerMethod(
          {
            name: method.name,
            object,
            args: expression.args,
            of,
            result: scope.module.typeOf(expression),
          },
          scope,
          lowerExpression,
        );
      return lowerChain(
        object,
        scope,
        optional
          ? (of) => ({ op: "optional", of, rest: wrap(call({ op: "it" })) })
          : (of) => wrap(call(of)),
      );
    }
    default:
      return wrap(lowerExpression(expression, scope));
  }
}

function lowerField(expression: FieldExpression, scope: Scope, wrap: Wrap): PlanExpression {
  const { object, name, optional } = expression;
  if (object.kind === "name" && isConfig(object.name, scope))
    return wrap({ op: "config", name: name.text });
  const access = (of: PlanExpression): PlanExpression =>
    fieldOrMethod(of, object, name.text, scope);
  if (!optional) return lowerChain(object, scope, (of) => wrap(access(of)));
  return lowerChain(object, scope, (of) => ({
    op: "optional",
    of,
    rest: wrap(access({ op: "it" })),
  }));
}

function isConfig(name: Name, scope: Scope): boolean {
  const symbol = scope.module.symbolOf(name);
  return symbol?.scope === "context" && symbol.kind === "config";
}

/** `length` of lists and text and `date` of times are written as fields but calculated. */
function fieldOrMethod(
  of: PlanExpression,
  object: Expression,
  name: string,
  scope: Scope,
): PlanExpression {
  const type = withoutNull(typeIn(scope, scope.module.typeOf(object)));
  if (type.kind === "time" && name === "date") return { op: "method", name: "date", of };
  if (
    name === "length" &&
    type.kind !== "record" &&
    type.kind !== "union" &&
    type.kind !== "json"
  ) {
    return { op: "method", name: "length", of };
  }
  return { op: "field", of, name };
}

function withoutNull(type: Type): Type {
  return type.kind === "optional" ? type.inner : type;
}

function lowerIndex(expression: IndexExpression, scope: Scope, wrap: Wrap): PlanExpression {
  const at = lowerExpression(expression.index, scope);
  return lowerChain(expression.object, scope, (of) => wrap({ op: "index", of, at }));
}

function lowerCall(expression: CallExpression, scope: Scope): PlanExpression {
  const call = scope.module.callOf(expression);
  switch (call?.callee.kind) {
    case "method":
      return lowerChain(expression, scope, (value) => value);
    case "pure": {
      const included = scope.module.includeOf(expression);
      if (included !== undefined) return lowerText(included, scope, lowerExpression);
      const value = expression.args[0]?.value;
      return value === undefined ? nullValue : lowerExpression(value, scope);
    }
    case "test":
      return { op: "name", name: testName(expression, scope) };
    default:
      return nullValue;
  }
}

/** `calls(blogger)`, `ran(blogPost.live)`: the test runner answers these names. */
function testName(expression: CallExpression, scope: Scope): string {
  const { text } = scope.module.parse;
  const callee = text.slice(expression.callee.start, expression.callee.end);
  return `${callee}(${expression.args.map((argument) => testSubject(argument.value, scope)).join(", ")})`;
}

function testSubject(expression: Expression, scope: Scope): string {
  // A step's path starts with the flow's name as it is declared.
  if (expression.kind === "fieldAccess")
    return `${stepPath(expression.object)}.${expression.name.text}`;
  if (expression.kind !== "name") return "";
  const symbol = scope.module.symbolOf(expression.name);
  return symbol?.scope === "global" ? scope.context.names.of(symbol) : expression.name.text;
}

function stepPath(expression: Expression): string {
  if (expression.kind === "fieldAccess")
    return `${stepPath(expression.object)}.${expression.name.text}`;
  return expression.kind === "name" ? expression.name.text : "";
}

function lowerUnary(operator: "!" | "-", operand: Expression, scope: Scope): PlanExpression {
  const of = lowerExpression(operand, scope);
  if (operator === "!") return { op: "not", of };
  if (of.op === "value" && typeof of.value === "number") return { op: "value", value: -of.value };
  return { op: "negate", of, as: numberKind(typeIn(scope, scope.module.typeOf(operand))) };
}

const arithmetic = { "+": "add", "-": "subtract", "*": "multiply", "/": "divide" } as const;
const comparisons = {
  "<": "less",
  "<=": "lessOrEqual",
  ">": "greater",
  ">=": "greaterOrEqual",
} as const;
const others = {
  "??": "coalesce",
  "||": "or",
  "&&": "and",
  "==": "equal",
  "!=": "notEqual",
} as const;

function lowerBinary(expression: BinaryExpression, scope: Scope): PlanExpression {
  const { operator } = expression;
  const left = lowerExpression(expression.left, scope);
  const right = lowerExpression(expression.right, scope);
  const kindOf = (operand: Expression): NumberKind =>
    numberKind(typeIn(scope, scope.module.typeOf(operand)));
  switch (operator) {
    case "+":
    case "-":
    case "*":
    case "/": {
      const kinds = [
        kindOf(expression.left),
        kindOf(expression.right),
        kindOf(expression),
      ] as const;
      return { op: arithmetic[operator], left, right, kinds };
    }
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const sides = [kindOf(expression.left), kindOf(expression.right)] as const;
      return {
        op: comparisons[operator],
        left,
        right,
        as: sides[0] === "int" ? sides[1] : sides[0],
      };
    }
    // A span stands only in `backoff`, which is read without evaluation.
    case "..":
      return left;
    default:
      return { op: others[operator], left, right };
  }
}

function lowerRecord(expression: RecordExpression, scope: Scope): PlanExpression {
  type Entry = Extract<PlanExpression, { op: "record" }>["entries"][number];
  const entries = expression.entries.map((entry): Entry => {
    if (entry.kind === "recordSpread") return { spread: lowerExpression(entry.value, scope) };
    return {
      key: entry.key.text,
      value: lowerExpression(entry.value ?? shortEntry(entry.key), scope),
    };
  });
  const complete = inDeclaredOrder(entries, scope.module.expectedOf(expression));
  const constant = new Map<string, Json>();
  for (const entry of complete) {
    if ("spread" in entry || entry.value.op !== "value") return { op: "record", entries: complete };
    constant.set(entry.key, entry.value.value);
  }
  return { op: "value", value: Object.fromEntries(constant) };
}

/** Nullable fields may be left out; a value that stands in a prompt must not depend on how its literal was written. */
function inDeclaredOrder<
  E extends
    | { readonly key: string; readonly value: PlanExpression }
    | { readonly spread: PlanExpression },
>(
  entries: readonly E[],
  expected: Type | undefined,
): readonly (E | { readonly key: string; readonly value: PlanExpression })[] {
  const type = expected === undefined ? undefined : withoutNull(expected);
  if (type?.kind !== "record" || entries.some((entry) => "spread" in entry)) return entries;
  const byKey = new Map(
    entries.flatMap((entry) => ("key" in entry ? [[entry.key, entry] as const] : [])),
  );
  const fields = [...type.fields.keys()].map((key) => byKey.get(key) ?? { key, value: nullValue });
  const extra = entries.filter((entry) => "key" in entry && !type.fields.has(entry.key));
  return [...fields, ...extra];
}
