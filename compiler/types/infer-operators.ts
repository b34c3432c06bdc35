import { reportDefault } from "./report-default.ts";
import { replace, spanOf } from "../names/reporter.ts";
import type { Scope } from "../names/scope.ts";
import { plainText, withoutParentheses } from "../names/plain-text.ts";
import { someOf, suggest } from "../names/suggest.ts";
import type { BinaryExpression, Expression, UnaryExpression } from "../syntax/tree.ts";
import { arithmetic, isOrdered } from "./arithmetic.ts";
import type { Checker, InferOptions } from "./checker.ts";
import { comparable, mayBeNull, withoutNull } from "./comparable.ts";
import { describe, short } from "./describe.ts";
import { keepExpected } from "./expect.ts";
import { factsOf } from "./facts-of.ts";
import { join } from "./join.ts";
import { literalsOf } from "./mismatch.ts";
import { withFacts } from "./narrow.ts";
import { boolType, errorType } from "./type.ts";
import type { Type } from "./type.ts";

export function inferUnary(c: Checker, node: UnaryExpression, scope: Scope): Type {
  if (node.operator === "!") {
    expectCondition(c, node.operand, scope, "what stands behind `!`");
    return boolType;
  }
  const type = c.infer(node.operand, scope);
  if (isNullable(c, node.operand, type, "`-`")) return errorType;
  switch (type.kind) {
    case "int":
    case "float":
    case "money":
    case "duration":
      return {
        ...type,
        min: type.max === null ? null : -type.max,
        max: type.min === null ? null : -type.min,
      };
    case "error":
      return errorType;
    default:
      c.report({
        code: "AF3005",
        at: node.operand,
        message: `\`-\` needs a number, not ${describe(type)}`,
        help:
          type.kind === "callable" || type.kind === "model"
            ? `a list is written in brackets: \`[${c.textOf(node.operand)}]\``
            : "write a number, money or a duration behind it",
      });
      return errorType;
  }
}

/** A condition is `bool` and never null. */
export function expectCondition(
  c: Checker,
  expression: Expression,
  scope: Scope,
  what: string,
): void {
  const type = c.infer(expression, scope, { hint: boolType });
  keepExpected(c, expression, type, boolType);
  if (
    type.kind === "bool" ||
    type.kind === "error" ||
    type.kind === "never" ||
    type.kind === "json"
  )
    return;
  const nullable = type.kind === "optional" || type.kind === "null";
  const name = c.textOf(expression);
  const simple = /^[\w.?]{1,40}$/u.test(name);
  const better =
    nullable && withoutNull(type).kind === "bool"
      ? `${name} ?? false`
      : nullable
        ? `${name} != null`
        : type.kind === "list" || type.kind === "string"
          ? `${name}.length > 0`
          : undefined;
  c.report({
    code: nullable && withoutNull(type).kind === "bool" ? "AF3006" : "AF3005",
    at: expression,
    message: `${what} must be \`true\` or \`false\`, not ${describe(type)}`,
    help:
      better === undefined || !simple
        ? "compare it with something: `==`, `!=`, `<`, `>`"
        : `write \`${better}\``,
    fixes:
      better === undefined || !simple
        ? []
        : [
            {
              title: `write \`${better}\``,
              edits: [replace(c.file, expression, better)],
              safe: false,
            },
          ],
  });
}

export function inferBinary(
  c: Checker,
  node: BinaryExpression,
  scope: Scope,
  options: InferOptions,
): Type {
  switch (node.operator) {
    case "&&":
    case "||": {
      if (reportDefault(c, node, scope)) return errorType;
      expectCondition(c, node.left, scope, `the left side of \`${node.operator}\``);
      const inner = withFacts(scope, factsOf(node.left, node.operator === "&&"));
      expectCondition(c, node.right, inner, `the right side of \`${node.operator}\``);
      return boolType;
    }
    case "??":
      return inferCoalesce(c, node, scope, options);
    case "==":
    case "!=":
      return inferEquality(c, node, scope);
    case "<":
    case ">":
    case "<=":
    case ">=":
      return inferOrder(c, node, scope);
    case "..":
      return inferSpan(c, node, scope);
    default:
      return inferArithmetic(c, node, scope);
  }
}

function inferCoalesce(
  c: Checker,
  node: BinaryExpression,
  scope: Scope,
  options: InferOptions,
): Type {
  const left = c.infer(node.left, scope, options);
  const right = c.infer(node.right, scope, { hint: options.hint ?? withoutNull(left) });
  if (!mayBeNull(left) && left.kind !== "never") {
    c.report({
      code: "AF3008",
      at: { start: node.operatorAt.start, end: node.right.end },
      message: "the value in front of `??` is never null, so what follows is never used",
      related: [{ span: spanOf(c.file, node.left), message: `this is ${describe(left)}` }],
      help: "remove `??` and what follows",
      fixes: [
        {
          title: "remove `??` and what follows",
          edits: [replace(c.file, { start: node.left.end, end: node.right.end }, "")],
          safe: true,
        },
      ],
    });
    return left;
  }
  const joined = join(c.world, withoutNull(left), right);
  // `null ?? x` is x: the left side has no value of its own.
  if (left.kind === "null") return right;
  if (joined !== undefined) return joined;
  reportBranches(c, node.right, right, {
    at: node.left,
    type: withoutNull(left),
    name: "the left side of `??`",
  });
  return errorType;
}

/** Two branches whose types do not join. */
export function reportBranches(
  c: Checker,
  at: Expression,
  type: Type,
  other: {
    readonly at: { start: number; end: number };
    readonly type: Type;
    readonly name: string;
  },
): void {
  c.report({
    code: "AF3007",
    at,
    message: `this is ${describe(type)}, but ${other.name} is ${describe(other.type)}`,
    related: [{ span: spanOf(c.file, other.at), message: `${describe(other.type)}` }],
    help: "what follows gets one value, so both must have the same type",
  });
}

function inferEquality(c: Checker, node: BinaryExpression, scope: Scope): Type {
  const constantLeft = plainText(node.left) !== undefined;
  const [first, second] =
    constantLeft || (withoutParentheses(node.left).kind === "name" && !isKnown(c, node.left, scope))
      ? [node.right, node.left]
      : [node.left, node.right];
  const subject = c.infer(first, scope);
  const other = c.infer(second, scope, { hint: withoutNull(subject) });
  const closed = literalsOf(withoutNull(subject), c.world);
  const text = plainText(second);
  if (subject.kind !== "never" && closed !== null && text !== undefined) {
    if (!closed.includes(text)) reportOutside(c, second, text, withoutNull(subject), closed);
    return boolType;
  }
  if (withoutNull(subject).kind === "code" && text !== undefined) {
    expectCode(c, second, text);
    return boolType;
  }
  if (subject.kind === "secret" || other.kind === "secret") {
    c.report({
      code: "AF6003",
      at: node,
      message: "comparing a secret would give it away",
      help: "secrets may stand only in `auth`, `headers`, `secrets` and `apiKey`",
    });
    return boolType;
  }
  if (!comparable(c.world, subject, other))
    reportNeverEqual(c, node, c.infer(node.left, scope), c.infer(node.right, scope));
  return boolType;
}

function isKnown(c: Checker, expression: Expression, scope: Scope): boolean {
  const node = withoutParentheses(expression);
  return (
    node.kind !== "name" ||
    scope.lookUp(node.name.text) !== undefined ||
    c.module.names.has(node.name.text)
  );
}

function reportOutside(
  c: Checker,
  at: Expression,
  text: string,
  type: Type,
  choices: readonly string[],
): void {
  const near = suggest({
    file: c.file,
    at,
    written: text,
    candidates: choices,
    spell: (name) => JSON.stringify(name),
  });
  const all = someOf(
    choices.map((choice) => `\`${JSON.stringify(choice)}\``),
    8,
    "or",
  );
  c.report({
    code: "AF3003",
    at,
    message: `this is never \`${JSON.stringify(text)}\`; ${choices.length === 1 ? "it is always" : `\`${short(type)}\` is`} ${all === "" ? "nothing any more" : all}`,
    help: near.help,
    fixes: near.fixes,
  });
}

/** An error code must be one that something can raise. */
export function expectCode(c: Checker, at: Expression, text: string): void {
  c.uses("codes");
  if (c.world.codes.has(text)) return;
  const near = suggest({
    file: c.file,
    at,
    written: text,
    candidates: c.world.codes,
    spell: (name) => JSON.stringify(name),
  });
  c.report({
    code: "AF3003",
    at,
    message: `nothing here raises the error code \`${JSON.stringify(text)}\``,
    help:
      near.help ?? 'a code is built in, named in `errors` of a tool, or raised by `fail("code")`',
    fixes: near.fixes,
  });
}

function reportNeverEqual(c: Checker, node: BinaryExpression, left: Type, right: Type): void {
  const nullSide = left.kind === "null" || right.kind === "null";
  const other = left.kind === "null" ? right : left;
  c.report({
    code: "AF3009",
    at: node,
    message: nullSide
      ? `this is ${describe(other)} and never null, so the comparison is always \`${String(node.operator === "!=")}\``
      : `${describe(left)} never equals ${describe(right)}, so the comparison is always \`${String(node.operator === "!=")}\``,
    help: nullSide ? "remove the test" : "compare values of the same type",
  });
}

function inferOrder(c: Checker, node: BinaryExpression, scope: Scope): Type {
  const left = c.infer(node.left, scope);
  const right = c.infer(node.right, scope);
  const nullLeft = isNullable(c, node.left, left, `\`${node.operator}\``);
  const nullRight = isNullable(c, node.right, right, `\`${node.operator}\``);
  if (
    nullLeft ||
    nullRight ||
    left.kind === "error" ||
    right.kind === "error" ||
    left.kind === "never" ||
    right.kind === "never"
  )
    return boolType;
  if (isOrdered(left, right)) return boolType;
  const texts = left.kind === "string" || left.kind === "literal";
  c.report({
    code: "AF3005",
    at: node,
    message: `\`${node.operator}\` cannot compare ${describe(left)} with ${describe(right)}`,
    help:
      typedFirst(c, node, left, right) ??
      (texts
        ? "texts are compared with `==` and `!=` only"
        : "it compares numbers with numbers, money with money, durations with durations, dates with dates, times with times"),
  });
  return boolType;
}

function inferSpan(c: Checker, node: BinaryExpression, scope: Scope): Type {
  const left = c.infer(node.left, scope);
  const right = c.infer(node.right, scope);
  if (left.kind === "error" || right.kind === "error") return errorType;
  if (left.kind === "duration" && right.kind === "duration") {
    if (left.min !== null && right.max !== null && left.min > right.max) {
      c.report({
        code: "AF3001",
        at: node,
        message: "this range ends before it begins",
        help: `write the shorter one first: \`${c.textOf(node.right)}..${c.textOf(node.left)}\``,
        fixes: [
          {
            title: "swap the two",
            edits: [
              replace(c.file, node.left, c.textOf(node.right)),
              replace(c.file, node.right, c.textOf(node.left)),
            ],
            safe: false,
          },
        ],
      });
      return errorType;
    }
    return { kind: "span", of: { kind: "duration", min: left.min, max: right.max } };
  }
  c.report({
    code: "AF3005",
    at: node,
    message: "`..` goes from one duration to another",
    help: "write it like `1s..16s`",
  });
  return errorType;
}

function inferArithmetic(c: Checker, node: BinaryExpression, scope: Scope): Type {
  const left = c.infer(node.left, scope);
  const right = c.infer(node.right, scope);
  const nullLeft = isNullable(c, node.left, left, `\`${node.operator}\``);
  const nullRight = isNullable(c, node.right, right, `\`${node.operator}\``);
  if (nullLeft || nullRight || left.kind === "error" || right.kind === "error") return errorType;
  if (left.kind === "never" || right.kind === "never") return left;
  const operator = node.operator as "+" | "-" | "*" | "/";
  const result = arithmetic(operator, left, right);
  if (result === undefined) {
    reportArithmetic(c, node, left, right);
    return errorType;
  }
  if (operator === "/" && mayBeZero(right)) reportZero(c, node);
  return result;
}

function mayBeZero(type: Type): boolean {
  if (type.kind === "percent") return false;
  if (
    type.kind !== "int" &&
    type.kind !== "float" &&
    type.kind !== "money" &&
    type.kind !== "duration"
  )
    return false;
  if (type.nonZero === true) return false;
  return (type.min ?? 0) <= 0 && (type.max ?? 0) >= 0;
}

function reportZero(c: Checker, node: BinaryExpression): void {
  const divisor = c.textOf(node.right);
  const isZero = node.right.kind === "literal";
  c.report({
    code: "AF3016",
    at: node.right,
    message: isZero
      ? "nothing can be divided by 0"
      : `\`${divisor.length > 40 ? "the divisor" : divisor}\` may be 0, and nothing can be divided by 0`,
    help: isZero
      ? "divide by something else"
      : `test it first, \`${divisor.length > 20 ? "x" : divisor} > 0 ? … : …\`, or give it a type without 0, such as \`int(1..)\``,
  });
}

/** Reports a value that may be null where an operation needs one that is not. */
export function isNullable(c: Checker, at: Expression, type: Type, operation: string): boolean {
  if (type.kind !== "optional" && type.kind !== "null") return false;
  const text = c.textOf(at);
  const shown = text.length <= 40 ? `\`${text}\`` : "this value";
  c.report({
    code: "AF3006",
    at,
    message:
      type.kind === "null"
        ? `${shown} is null, and ${operation} needs a value`
        : `${shown} may be null, and ${operation} needs a value`,
    help: "say what happens then: replace null with `?? value`, or test with `!= null` first",
  });
  return true;
}

function reportArithmetic(c: Checker, node: BinaryExpression, left: Type, right: Type): void {
  const isText = (type: Type): boolean =>
    ["string", "literal", "url", "email", "role", "code"].includes(type.kind) ||
    (type.kind === "union" && type.tag === null);
  if (node.operator === "+" && (isText(left) || isText(right))) {
    const fix = joinedText(c, node);
    c.report({
      code: "AF3005",
      at: node,
      message: "`+` adds numbers and never joins text",
      help: "write one text with `${…}` in it",
      fixes:
        fix === undefined
          ? []
          : [
              {
                title: `write \`${fix}\``,
                edits: [replace(c.file, node, fix)],
                safe: isText(left) && isText(right),
              },
            ],
    });
    return;
  }
  if (node.operator === "+" && left.kind === "list" && right.kind === "list") {
    c.report({
      code: "AF3005",
      at: node,
      message: "`+` does not join lists",
      help: "write `a.concat(b)`",
    });
    return;
  }
  c.report({
    code: "AF3005",
    at: node,
    message: `\`${node.operator}\` cannot compute ${describe(left)} with ${describe(right)}`,
    help:
      typedFirst(c, node, left, right) ??
      (left.kind === "date" || right.kind === "date"
        ? "a date cannot be computed with; a `time` can"
        : "numbers, money and durations are computed each with their own kind"),
  });
}

/** What to do about an operand that may be anything. */
function typedFirst(
  c: Checker,
  node: BinaryExpression,
  left: Type,
  right: Type,
): string | undefined {
  const side = left.kind === "json" ? node.left : right.kind === "json" ? node.right : undefined;
  if (side === undefined) return undefined;
  const other = left.kind === "json" ? right : left;
  const type = ["float", "money", "duration", "date", "time"].includes(other.kind)
    ? other.kind
    : "int";
  return `say first what it is: \`let x: ${type} = ${c.textOf(side)}\`, or make it a parameter with a type`;
}

/** `"a" + b` as one text. */
function joinedText(c: Checker, node: BinaryExpression): string | undefined {
  const parts: string[] = [];
  const add = (expression: Expression): boolean => {
    const inner = withoutParentheses(expression);
    if (inner.kind === "binary" && inner.operator === "+")
      return add(inner.left) && add(inner.right);
    const text = c.textOf(inner);
    if (inner.kind === "string") {
      if (inner.quote !== '"') return false;
      parts.push(text.slice(1, -1));
      return true;
    }
    if (text.includes("}") || text.includes("\n")) return false;
    parts.push(`\${${text}}`);
    return true;
  };
  return add(node) ? `"${parts.join("")}"` : undefined;
}
