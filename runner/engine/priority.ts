import type { Json } from "../../plan/expression.ts";

const levels: { readonly [name: string]: number } = {
  critical: 10,
  high: 7,
  medium: 5,
  low: 3,
  background: 1,
};

export function priorityOf(name: Json): number {
  return (typeof name === "string" ? levels[name] : undefined) ?? 5;
}
