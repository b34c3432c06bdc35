import type { Token } from "./tokens.ts";
import { Duration, Float, Int, Money, Null, Percent, Rate, Size, True } from "./tokens.ts";
import type { LiteralExpression } from "./tree.ts";

const durationMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const rateMs: Readonly<Record<string, number>> = {
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The node of a literal that is no text. */
export function plainLiteral(text: string, token: Token): LiteralExpression {
  const { start, end } = token;
  return { kind: "literal", start, end, ...meaningOf(text.slice(start, end), token.tokenTypeIdx) };
}

function meaningOf(written: string, kind: number): Pick<LiteralExpression, "type" | "value"> {
  switch (kind) {
    case Int.tokenTypeIdx:
      return { type: "int", value: integer(Number.parseInt(written, 10)) };
    case Float.tokenTypeIdx:
      return { type: "float", value: finite(Number(written)) };
    case Duration.tokenTypeIdx:
      return { type: "duration", value: integer(Math.round(withUnit(written, durationMs))) };
    case Size.tokenTypeIdx:
      return {
        type: "size",
        value: integer(Math.round(withUnit(written, { k: 1_000, M: 1_000_000 }))),
      };
    case Money.tokenTypeIdx:
      return { type: "money", value: integer(Math.round(Number(written.slice(1)) * 1_000_000)) };
    case Percent.tokenTypeIdx:
      return { type: "percent", value: finite(Number(written.slice(0, -1)) / 100) };
    case Rate.tokenTypeIdx: {
      const [count = "", unit = ""] = written.split("/");
      return {
        type: "rate",
        value: { count: finite(Number(count)), perMs: rateMs[unit] ?? 1_000 },
      };
    }
    case Null.tokenTypeIdx:
      return { type: "null", value: null };
    default:
      return { type: "bool", value: kind === True.tokenTypeIdx };
  }
}

function withUnit(written: string, factors: Readonly<Record<string, number>>): number {
  const [, digits = "0", unit = ""] = /^([\d.]+)(\w+)$/.exec(written) ?? [];
  return Number(digits) * (factors[unit] ?? 1);
}

/** Integers saturate at ±(2^53 − 1), as arithmetic on them does. */
function integer(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(value, Number.MAX_SAFE_INTEGER);
}

function finite(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(value, Number.MAX_VALUE);
}
