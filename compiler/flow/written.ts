import type { Json } from "../../plan/expression.ts";
import { arithmetic } from "../../plan/evaluate/arithmetic.ts";
import { equal } from "../../plan/evaluate/equality.ts";
import type { CheckedModule, CheckedProgram, ResolvedSetting } from "../types/checked.ts";
import { numberKind } from "./number-kind.ts";
import type {
  BinaryExpression,
  Expression,
  LiteralExpression,
  Name,
  StringLiteral,
} from "../syntax/tree.ts";

/**
 * An expression as somebody wrote it, with the module that knows its names. Settings are mostly constants; they are read
 * here without evaluation, through lets and spreads.
 */
export interface Written {
  readonly expression: Expression;
  readonly module: CheckedModule;
}

/** Null for a setting whose value is an action, and for one of a file that is not part of the program. */
export function writtenSetting(
  program: CheckedProgram,
  setting: ResolvedSetting | undefined,
): Written | null {
  const module = setting === undefined ? undefined : program.modules.get(setting.file);
  if (setting === undefined || module === undefined || setting.value.kind !== "invoke") return null;
  return { expression: setting.value.expression, module };
}

/** What a name of a file's `let` stands for, and what parentheses hold. */
export function follow(program: CheckedProgram, written: Written): Written {
  let current = written;
  // A let that mentions itself is reported elsewhere; nothing honest needs a hundred hops.
  for (let hops = 0; hops < 100; hops += 1) {
    const { expression, module } = current;
    if (expression.kind === "parenthesized") {
      current = { expression: expression.expression, module };
      continue;
    }
    const value = expression.kind === "name" ? globalLet(program, module, expression.name) : null;
    if (value === null) return current;
    current = value;
  }
  return current;
}

function globalLet(program: CheckedProgram, module: CheckedModule, name: Name): Written | null {
  const symbol = module.symbolOf(name);
  if (symbol?.scope !== "global" || symbol.kind !== "let") return null;
  const declaration = program.declarationOf(symbol);
  const owner = program.modules.get(symbol.file);
  if (declaration?.kind !== "let" || owner === undefined) return null;
  return { expression: declaration.node.value, module: owner };
}

/** Entries of a record literal, spreads resolved; null if it, or a spread, is no record literal. Later entries win. */
export function writtenRecord(
  program: CheckedProgram,
  written: Written,
): ReadonlyMap<string, Written> | null {
  const { expression, module } = follow(program, written);
  if (expression.kind !== "record") return null;
  const entries = new Map<string, Written>();
  for (const entry of expression.entries) {
    if (entry.kind === "recordField") {
      entries.set(entry.key.text, { expression: entry.value ?? shortEntry(entry.key), module });
      continue;
    }
    const spread = writtenRecord(program, { expression: entry.value, module });
    if (spread === null) return null;
    for (const [key, value] of spread) entries.set(key, value);
  }
  return entries;
}

const shortEntries = new WeakMap<Name, Expression>();

/** `{ name }` means `{ name: name }`; one node per name, because nodes are keys of maps. */
export function shortEntry(key: Name): Expression {
  let expression = shortEntries.get(key);
  if (expression === undefined) {
    expression = { kind: "name", name: key, start: key.start, end: key.end };
    shortEntries.set(key, expression);
  }
  return expression;
}

export function writtenList(program: CheckedProgram, written: Written): readonly Written[] | null {
  const { expression, module } = follow(program, written);
  return expression.kind === "listLiteral"
    ? expression.items.map((item) => ({ expression: item, module }))
    : null;
}

const constants = new WeakMap<CheckedProgram, Map<Expression, Json | undefined>>();

/** A constant that is longer than this serves no setting, and lets that repeat one another grow without end. */
const longestText = 100_000;

/**
 * The value of an expression that is the same in every run, as plan JSON: durations in milliseconds, money in dollars,
 * percentages as fractions, rates as `{ count, perMs }`. Undefined for what reads `config`, parameters or steps, and
 * for more than literals, lets, operators, `?:` and text made of these.
 */
export function constantOf(program: CheckedProgram, written: Written | null): Json | undefined {
  if (written === null) return undefined;
  const { expression, module } = follow(program, written);
  if (expression.kind === "literal") return literalValue(expression);
  let known = constants.get(program);
  if (known === undefined)
    constants.set(program, (known = new Map<Expression, Json | undefined>()));
  // Kept, because lets that mention one twice would else be computed twice as often at each step.
  if (known.has(expression)) return known.get(expression);
  const value = constantValue(program, expression, module);
  known.set(expression, value);
  return value;
}

function constantValue(
  program: CheckedProgram,
  expression: Expression,
  module: CheckedModule,
): Json | undefined {
  switch (expression.kind) {
    case "string":
      return textOf(program, expression, module);
    case "unary": {
      const value = constantOf(program, { expression: expression.operand, module });
      if (expression.operator === "!") return typeof value === "boolean" ? !value : undefined;
      return typeof value === "number" ? -value : undefined;
    }
    case "binary":
      return computed(program, expression, module);
    case "conditional": {
      const test = constantOf(program, { expression: expression.condition, module });
      if (typeof test !== "boolean") return undefined;
      return constantOf(program, {
        expression: test ? expression.then : expression.else,
        module,
      });
    }
    case "listLiteral":
      return constantItems(
        program,
        expression.items.map((item) => ({ expression: item, module })),
      );
    case "record":
      return constantRecord(program, { expression, module });
    default:
      return undefined;
  }
}

/** Text whose `${ }` hold constants that print as they are. */
function textOf(
  program: CheckedProgram,
  { parts }: StringLiteral,
  module: CheckedModule,
): string | undefined {
  let text = "";
  for (const part of parts) {
    if (part.kind === "text") {
      text += part.text;
      continue;
    }
    const { expression } = part;
    const value = constantOf(program, { expression, module });
    const isWhole = module.typeOf(expression).kind === "int" && typeof value === "number";
    if (typeof value !== "string" && !isWhole) return undefined;
    text += String(value);
    if (text.length > longestText) return undefined;
  }
  return text;
}

const operations = { "+": "add", "-": "subtract", "*": "multiply", "/": "divide" } as const;

/** Operators on constants give what they would give at run time. Chains of operators have any length, so they are walked. */
function computed(
  program: CheckedProgram,
  expression: BinaryExpression,
  module: CheckedModule,
): Json | undefined {
  const chain: BinaryExpression[] = [];
  let first: Expression = expression;
  while (first.kind === "binary") {
    chain.push(first);
    first = first.left;
  }
  let value = constantOf(program, { expression: first, module });
  for (const node of chain.reverse()) {
    if (value === undefined) return undefined;
    const other = constantOf(program, { expression: node.right, module });
    value = other === undefined ? undefined : combined(node, { left: value, right: other, module });
  }
  return value;
}

interface Operands {
  readonly left: Json;
  readonly right: Json;
  readonly module: CheckedModule;
}

function combined(node: BinaryExpression, { left, right, module }: Operands): Json | undefined {
  const { operator } = node;
  if (operator === "==") return equal(left, right);
  if (operator === "!=") return !equal(left, right);
  if (typeof left === "boolean" && typeof right === "boolean")
    return operator === "&&" ? left && right : operator === "||" ? left || right : undefined;
  if (typeof left !== "number" || typeof right !== "number") return undefined;
  switch (operator) {
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    case ">=":
      return left >= right;
    case "+":
    case "-":
    case "*":
    case "/": {
      const kindOf = (of: Expression) => numberKind(module.typeOf(of));
      const kinds = [kindOf(node.left), kindOf(node.right), kindOf(node)] as const;
      return arithmetic(operations[operator], kinds)(left, right);
    }
    default:
      return undefined;
  }
}

function literalValue(literal: LiteralExpression): Json {
  const { value } = literal;
  if (typeof value === "object" && value !== null)
    return { count: value.count, perMs: value.perMs };
  return literal.type === "money" && typeof value === "number" ? value / 1_000_000 : value;
}

function constantItems(program: CheckedProgram, items: readonly Written[]): Json | undefined {
  const values: Json[] = [];
  for (const item of items) {
    const value = constantOf(program, item);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function constantRecord(program: CheckedProgram, written: Written): Json | undefined {
  const entries = new Map<string, Json>();
  const record = writtenRecord(program, written);
  if (record === null) return undefined;
  for (const [key, entry] of record) {
    const value = constantOf(program, entry);
    if (value === undefined) return undefined;
    entries.set(key, value);
  }
  return Object.fromEntries(entries);
}

export function constantNumber(
  program: CheckedProgram,
  written: Written | null,
): number | undefined {
  const value = constantOf(program, written);
  return typeof value === "number" ? value : undefined;
}

export function constantText(program: CheckedProgram, written: Written | null): string | undefined {
  const value = constantOf(program, written);
  return typeof value === "string" ? value : undefined;
}

export function constantTexts(
  program: CheckedProgram,
  written: Written | null,
): readonly string[] | undefined {
  const value = constantOf(program, written);
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === "string")
    : undefined;
}
