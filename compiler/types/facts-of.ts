import type { Fact } from "../names/fact.ts";
import { plainText, withoutParentheses } from "../names/plain-text.ts";
import type {
  BinaryExpression,
  BinaryOperator,
  Expression,
  LiteralExpression,
} from "../syntax/tree.ts";

export type Facts = ReadonlyMap<string, readonly Fact[]>;

/** `a.b` of an expression that is names and fields only; `a?.b` is the same path. */
export function pathOf(expression: Expression): string | null {
  const inner = withoutParentheses(expression);
  if (inner.kind === "name") return inner.name.text === "" ? null : inner.name.text;
  if (inner.kind !== "fieldAccess" || inner.name.text === "") return null;
  const object = pathOf(inner.object);
  return object === null ? null : `${object}.${inner.name.text}`;
}

/** What is known where `condition` is true, or where it is false. */
export function factsOf(condition: Expression, isTrue: boolean): Facts {
  if (!mayTell(condition)) return noFacts;
  const facts = new Map<string, Fact[]>();
  gather(condition, isTrue, facts);
  return facts;
}

const noFacts: Facts = new Map<string, readonly Fact[]>();

/** Conditions of other kinds tell nothing about names. */
function mayTell(condition: Expression): boolean {
  return (
    condition.kind === "binary" || condition.kind === "unary" || condition.kind === "parenthesized"
  );
}

/** What is known about the subject of a match in an arm for these texts, or in one for everything but them. */
export function factsOfArm(
  subject: Expression,
  arm: {
    readonly values: readonly string[];
    readonly isOneOf: boolean;
    readonly isNull: boolean | null;
  },
): Facts {
  const facts = new Map<string, Fact[]>();
  const path = pathOf(subject);
  if (path === null) return facts;
  if (arm.isNull === true) add(facts, path, { kind: "isNull" });
  else if (arm.isNull === false) addNotNull(withoutParentheses(subject), facts);
  if (arm.isNull !== true && (arm.values.length > 0 || arm.isOneOf))
    addTexts(subject, path, arm.values, arm.isOneOf, facts);
  return facts;
}

function add(facts: Map<string, Fact[]>, path: string, fact: Fact): void {
  const list = facts.get(path);
  if (list === undefined) facts.set(path, [fact]);
  else list.push(fact);
}

function gather(condition: Expression, isTrue: boolean, facts: Map<string, Fact[]>): void {
  switch (condition.kind) {
    case "parenthesized":
      return gather(condition.expression, isTrue, facts);
    case "unary":
      if (condition.operator === "!") gather(condition.operand, !isTrue, facts);
      return;
    case "binary":
      if (condition.operator === (isTrue ? "&&" : "||")) {
        gather(condition.left, isTrue, facts);
        gather(condition.right, isTrue, facts);
        return;
      }
      return gatherComparison(condition, isTrue, facts);
    default:
  }
}

const negated: Partial<Record<BinaryOperator, BinaryOperator>> = {
  "==": "!=",
  "!=": "==",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
};
const mirrored: Partial<Record<BinaryOperator, BinaryOperator>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  ">": "<",
  "<=": ">=",
  ">=": "<=",
};

function gatherComparison(
  node: BinaryExpression,
  isTrue: boolean,
  facts: Map<string, Fact[]>,
): void {
  const written = isTrue ? node.operator : negated[node.operator];
  if (written === undefined || negated[written] === undefined) return;
  const [left, right] = [withoutParentheses(node.left), withoutParentheses(node.right)];
  const literalLeft = isConstant(left);
  const operator = literalLeft ? mirrored[written] : written;
  const [subject, constant] = literalLeft ? [right, left] : [left, right];
  const path = pathOf(subject);
  if (path === null || operator === undefined || !isConstant(constant)) return;
  const text = plainText(constant);
  if (text !== undefined) {
    if (operator === "==") addNotNull(subject, facts);
    if (operator === "==" || operator === "!=")
      addTexts(subject, path, [text], operator === "==", facts);
    return;
  }
  if (constant.kind !== "literal") return;
  gatherLiteral(subject, path, operator, constant, facts);
}

function gatherLiteral(
  subject: Expression,
  path: string,
  operator: BinaryOperator,
  constant: LiteralExpression,
  facts: Map<string, Fact[]>,
): void {
  if (constant.value === null) {
    if (operator === "==") add(facts, path, { kind: "isNull" });
    if (operator === "!=") addNotNull(subject, facts);
    return;
  }
  if (operator === "==") addNotNull(subject, facts);
  if (typeof constant.value === "number" && excludesZero(operator, constant.value))
    add(facts, path, { kind: "notZero" });
}

function excludesZero(operator: BinaryOperator, value: number): boolean {
  switch (operator) {
    case "==":
      return value !== 0;
    case "!=":
      return value === 0;
    case ">":
      return value >= 0;
    case ">=":
      return value > 0;
    case "<":
      return value <= 0;
    case "<=":
      return value < 0;
    default:
      return false;
  }
}

/** The subject is not null, and neither is anything it reached through `?.`. */
function addNotNull(subject: Expression, facts: Map<string, Fact[]>): void {
  const path = pathOf(subject);
  if (path !== null) add(facts, path, { kind: "notNull" });
  for (
    let inner = subject;
    inner.kind === "fieldAccess";
    inner = withoutParentheses(inner.object)
  ) {
    const object = pathOf(inner.object);
    if (inner.optional && object !== null) add(facts, object, { kind: "notNull" });
  }
}

function addTexts(
  subject: Expression,
  path: string,
  values: readonly string[],
  isOneOf: boolean,
  facts: Map<string, Fact[]>,
): void {
  add(facts, path, { kind: isOneOf ? "oneOf" : "noneOf", values });
  const inner = withoutParentheses(subject);
  const object = inner.kind === "fieldAccess" ? pathOf(inner.object) : null;
  if (inner.kind === "fieldAccess" && object !== null)
    add(facts, object, { kind: "field", name: inner.name.text, values, isOneOf });
}

function isConstant(expression: Expression): boolean {
  return expression.kind === "literal" || plainText(expression) !== undefined;
}
