import type { Json } from "../../plan/expression.ts";
import type { CheckedModule, CheckedProgram, ResolvedSetting } from "../types/checked.ts";
import type { Expression, LiteralExpression, Name } from "../syntax/tree.ts";

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

/** Entries of a record literal, spreads resolved; null if it is no record literal. Later entries win. */
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
    for (const [key, value] of writtenRecord(program, { expression: entry.value, module }) ?? [])
      entries.set(key, value);
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

/**
 * The value of an expression that needs no evaluation, as plan JSON: durations in milliseconds, money in dollars,
 * percentages as fractions, rates as `{ count, perMs }`. Undefined for everything else.
 */
export function constantOf(program: CheckedProgram, written: Written | null): Json | undefined {
  if (written === null) return undefined;
  const { expression, module } = follow(program, written);
  switch (expression.kind) {
    case "literal":
      return literalValue(expression);
    case "string":
      return expression.parts.some((part) => part.kind === "interpolation")
        ? undefined
        : expression.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
    case "unary": {
      const value =
        expression.operator === "-"
          ? constantOf(program, { expression: expression.operand, module })
          : undefined;
      return typeof value === "number" ? -value : undefined;
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
  for (const [key, entry] of writtenRecord(program, written) ?? []) {
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
