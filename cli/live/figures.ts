import { formatElapsed } from "../../base/duration.ts";

export interface Used {
  readonly cost: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/** `1.2k tokens`, `$0.0031`; nothing for what is zero. */
export function usageFigures({ cost, tokensIn, tokensOut }: Used): readonly string[] {
  const figures: string[] = [];
  if (tokensIn + tokensOut > 0) figures.push(`${formatCount(tokensIn + tokensOut)} tokens`);
  if (cost > 0) figures.push(formatMoney(cost));
  return figures;
}

/** `950`, `1.2k`, `34k`, `2.1M`. */
export function formatCount(count: number): string {
  if (count < 1_000) return String(count);
  const [size, unit] = count < 999_500 ? [1_000, "k"] : [1_000_000, "M"];
  const value = count / size;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
}

/** Cents are enough for dollars, not for fractions of a cent. */
export function formatMoney(dollars: number): string {
  if (dollars === 0) return "$0";
  if (dollars >= 1) return `$${dollars.toFixed(2)}`;
  const digits = dollars >= 0.1 ? 3 : dollars >= 0.001 ? 4 : 6;
  return `$${dollars.toFixed(digits)}`;
}

export function formatTime(
  startedAtMs: number | null,
  endedAtMs: number | null,
  nowMs: number,
): string | undefined {
  return startedAtMs === null ? undefined : formatElapsed((endedAtMs ?? nowMs) - startedAtMs);
}
