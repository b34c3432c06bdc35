import type { Json } from "../../plan/expression.ts";
import type { ErrorValue } from "../../plan/history.ts";
import type { Node } from "./nodes.ts";

/** Failures that pass by themselves. */
export const transientCodes: ReadonlySet<string> = new Set([
  "timeout",
  "rate_limited",
  "unavailable",
  "circuit_open",
]);

/** An error that arose at a node; it names the step around it as the plan does. */
export function stepError(node: Node, code: string, message: string): ErrorValue {
  for (let at: Node | null = node; at !== null; at = at.parent) {
    if (at.kind === "task")
      return { code, message, step: at.code.path, attempts: Math.max(1, at.attempt) };
    if (at.kind === "flow") return { code, message, step: at.code.plan.name, attempts: 1 };
  }
  return { code, message, step: "", attempts: 1 };
}

/** The error as the program sees it. */
export function errorJson(error: ErrorValue): Json {
  return { code: error.code, message: error.message, step: error.step, attempts: error.attempts };
}
