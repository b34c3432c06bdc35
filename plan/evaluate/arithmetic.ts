import type { Json, NumberKind } from "../expression.ts";

type Operation = "add" | "subtract" | "multiply" | "divide";
type BinaryNumber = (left: Json, right: Json) => Json;

const maxInt = Number.MAX_SAFE_INTEGER;
const micro = 1_000_000;
const firstTime = Date.parse("0000-01-01T00:00:00.000Z");
const lastTime = Date.parse("9999-12-31T23:59:59.999Z");

/** Chooses the function once, when an expression is compiled. `kinds` are those of the operands and the result. */
export function arithmetic(
  operation: Operation,
  kinds: readonly [NumberKind, NumberKind, NumberKind],
): BinaryNumber {
  const [left, right, result] = kinds;
  const plain = plainOperation(operation);
  switch (result) {
    case "int":
      return (a, b) => saturateInt(plain(numberOf(a), numberOf(b)));
    case "money":
      return moneyOperation(operation, left, right);
    case "duration":
      return left === "time"
        ? (a, b) => saturateInt(timeMs(a) - timeMs(b))
        : (a, b) => saturateInt(roundHalfEven(plain(numberOf(a), numberOf(b))));
    case "time":
      return left === "time"
        ? (a, b) => timeText(plain(timeMs(a), numberOf(b)))
        : (a, b) => timeText(plain(numberOf(a), timeMs(b)));
    default:
      return (a, b) => saturateFloat(plain(numberOf(a), numberOf(b)));
  }
}

function moneyOperation(operation: Operation, left: NumberKind, right: NumberKind): BinaryNumber {
  const plain = plainOperation(operation);
  return (a, b) => {
    const x = left === "money" ? toMicro(numberOf(a)) : numberOf(a);
    const y = right === "money" ? toMicro(numberOf(b)) : numberOf(b);
    return fromMicro(roundHalfEven(plain(x, y)));
  };
}

export function negated(value: Json): Json {
  return positiveZero(-numberOf(value));
}

/** Negative, zero or positive. */
export function comparison(kind: NumberKind): (left: Json, right: Json) => number {
  if (kind === "time") return (left, right) => timeMs(left) - timeMs(right);
  if (kind === "date")
    return (left, right) => (String(left) < String(right) ? -1 : left === right ? 0 : 1);
  return (left, right) => numberOf(left) - numberOf(right);
}

export function saturateInt(value: number): number {
  if (value > maxInt) return maxInt;
  if (value < -maxInt) return -maxInt;
  return Number.isNaN(value) ? 0 : positiveZero(value);
}

export function saturateFloat(value: number): number {
  if (value === Number.POSITIVE_INFINITY) return Number.MAX_VALUE;
  if (value === Number.NEGATIVE_INFINITY) return -Number.MAX_VALUE;
  return Number.isNaN(value) ? 0 : positiveZero(value);
}

export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest < 0.5) return below;
  if (rest > 0.5) return below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** Dollars have six decimals at most, so this is exact. */
export function toMicro(dollars: number): number {
  return Math.round(dollars * micro);
}

export function fromMicro(value: number): number {
  return saturateInt(value) / micro;
}

export function numberOf(value: Json): number {
  return typeof value === "number" ? value : 0;
}

export function timeMs(value: Json): number {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms;
}

/** Times stay in the four-digit years that RFC 3339 can write. */
export function timeText(ms: number): string {
  return new Date(
    Math.min(Math.max(Math.round(saturateFloat(ms)), firstTime), lastTime),
  ).toISOString();
}

function plainOperation(operation: Operation): (left: number, right: number) => number {
  switch (operation) {
    case "add":
      return (left, right) => left + right;
    case "subtract":
      return (left, right) => left - right;
    case "multiply":
      return (left, right) => left * right;
    case "divide":
      return (left, right) => left / right;
  }
}

function positiveZero(value: number): number {
  return value === 0 ? 0 : value;
}
