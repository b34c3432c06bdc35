import type { NumberType, Type } from "./type.ts";

type Operator = "+" | "-" | "*" | "/";

/** The type of an arithmetic operation; undefined if these types have none. Ranges of ints are computed. */
export function arithmetic(operator: Operator, left: Type, right: Type): Type | undefined {
  const [one, two] = [asPlain(left), asPlain(right)];
  if (one !== undefined && two !== undefined) return ofNumbers(operator, one, two);
  if (left.kind === "time") return ofTime(operator, right);
  for (const kind of ["money", "duration"] as const) {
    const result = ofUnit(kind, operator, left, right, one, two);
    if (result !== undefined) return result;
  }
  return undefined;
}

/** `<` and its like: numbers with numbers, every other kind with itself. */
export function isOrdered(left: Type, right: Type): boolean {
  if (asPlain(left) !== undefined && asPlain(right) !== undefined) return true;
  const isOrderedKind = ["money", "duration", "date", "time"].includes(left.kind);
  return isOrderedKind && left.kind === right.kind;
}

/** An int or float; a percentage is a float. */
function asPlain(type: Type): NumberType | undefined {
  if (type.kind === "int" || type.kind === "float") return type;
  return type.kind === "percent" ? { kind: "float", min: null, max: null } : undefined;
}

function ofNumbers(operator: Operator, left: NumberType, right: NumberType): Type {
  if (operator === "/") return unbounded("float");
  if (left.kind === "float" || right.kind === "float") return unbounded("float");
  const bounds =
    operator === "+"
      ? sum(left, right)
      : operator === "-"
        ? sum(left, negative(right))
        : product(left, right);
  return { kind: "int", min: safe(bounds.min), max: safe(bounds.max) };
}

function ofTime(operator: Operator, right: Type): Type | undefined {
  if (right.kind === "duration" && (operator === "+" || operator === "-")) return { kind: "time" };
  if (right.kind === "time" && operator === "-") return unbounded("duration");
  return undefined;
}

function ofUnit(
  kind: "money" | "duration",
  operator: Operator,
  left: Type,
  right: Type,
  plainLeft: NumberType | undefined,
  plainRight: NumberType | undefined,
): Type | undefined {
  if (left.kind === kind && right.kind === kind) {
    if (operator === "/") return unbounded("float");
    return operator === "*" ? undefined : unbounded(kind);
  }
  if (left.kind === kind && plainRight !== undefined && (operator === "*" || operator === "/"))
    return unbounded(kind);
  if (right.kind === kind && plainLeft !== undefined && operator === "*") return unbounded(kind);
  return undefined;
}

function unbounded(kind: NumberType["kind"]): NumberType {
  return { kind, min: null, max: null };
}

interface Bounds {
  readonly min: number | null;
  readonly max: number | null;
}

function negative({ min, max }: Bounds): Bounds {
  return { min: max === null ? null : -max, max: min === null ? null : -min };
}

function sum(left: Bounds, right: Bounds): Bounds {
  return {
    min: left.min === null || right.min === null ? null : left.min + right.min,
    max: left.max === null || right.max === null ? null : left.max + right.max,
  };
}

function product(left: Bounds, right: Bounds): Bounds {
  if (left.min === null || left.max === null || right.min === null || right.max === null) {
    const positive = (left.min ?? -1) >= 0 && (right.min ?? -1) >= 0;
    return { min: positive ? (left.min ?? 0) * (right.min ?? 0) : null, max: null };
  }
  const corners = [
    left.min * right.min,
    left.min * right.max,
    left.max * right.min,
    left.max * right.max,
  ];
  return { min: Math.min(...corners), max: Math.max(...corners) };
}

/** Beyond exact integers the value saturates and the bound says nothing. */
function safe(bound: number | null): number | null {
  return bound === null || !Number.isSafeInteger(bound) ? null : bound + 0;
}
