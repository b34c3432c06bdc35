import type { Json } from "../../plan/expression.ts";

/** More than any type of a program has in practice, and far less than what overflows the stack of this process. */
const deepest = 500;

/**
 * Why a value from outside can't be kept as it is, or null. JSON text may nest without end, and may hold a number
 * like `1e999` that is infinite once it is read and would come back from the history as null.
 */
export function unkeepable(value: Json): string | null {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return `answered a value nested more than ${deepest} deep`;
    const next: unknown[] = [];
    for (const part of level) {
      if (typeof part === "number" && !Number.isFinite(part))
        return "answered a number that is too large";
      if (typeof part === "object" && part !== null)
        for (const item of Object.values(part)) next.push(item);
    }
    level = next;
  }
  return null;
}
