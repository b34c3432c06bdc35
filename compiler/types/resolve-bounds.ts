import type { LiteralExpression, Range } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";

export interface Bounds {
  readonly min: number | null;
  readonly max: number | null;
}

const noBounds: Bounds = { min: null, max: null };

type Bounded = "string" | "int" | "float" | "money" | "duration" | "list";

const literalKinds: Readonly<Record<Bounded, readonly LiteralExpression["type"][]>> = {
  string: ["int", "size"],
  int: ["int", "size"],
  float: ["int", "float", "size", "percent"],
  money: ["money"],
  duration: ["duration"],
  list: ["int", "size"],
};

const examples: Readonly<Record<Bounded, string>> = {
  string: "string(..200)",
  int: "int(1..5)",
  float: "float(0..1)",
  money: "money(..$500)",
  duration: "duration(1s..1h)",
  list: "T[1..5]",
};

/** The bounds a range writes; a single number is both. */
export function boundsOf(c: Checker, range: Range | null, kind: Bounded): Bounds {
  if (range === null) return noBounds;
  const min = boundOf(c, range.from, kind);
  const max = range.exact ? min : boundOf(c, range.to, kind);
  if (min !== null && max !== null && min > max) {
    c.report({
      code: "AF3001",
      at: range,
      message: "no value lies in this range: it ends before it starts",
      help: "swap its two ends",
    });
    return { min: null, max: null };
  }
  const isCount = kind === "string" || kind === "list";
  if (isCount && ((min ?? 0) < 0 || (max ?? 0) < 0)) {
    c.report({
      code: "AF3001",
      at: range,
      message: `a ${kind === "list" ? "number of items" : "length"} cannot be negative`,
      help: "start at 0 or later",
    });
    return { min: null, max: null };
  }
  return { min, max };
}

export function listBounds(c: Checker, range: Range | null): Bounds {
  return boundsOf(c, range, "list");
}

function boundOf(c: Checker, literal: LiteralExpression | null, kind: Bounded): number | null {
  if (literal === null) return null;
  if (literalKinds[kind].includes(literal.type) && typeof literal.value === "number")
    return literal.value;
  c.report({
    code: "AF3005",
    at: literal,
    message: `the range of ${kind === "list" ? "a list" : `\`${kind}\``} cannot have this bound`,
    help: `write it like \`${examples[kind]}\``,
  });
  return null;
}
