import type { Expression } from "./tree.ts";

/** Functions that only calculate: what calls them is a value, no action. */
const pureFunctions = new Set([
  "trust",
  "include",
  "sequence",
  "costs",
  "slow",
  "calls",
  "ran",
  "failed",
  "spent",
]);

/** Methods of lists, text, numbers: what calls them is a value, too. */
const methods = new Set(
  (
    "map filter find any all count sum avg min max first last sortBy contains concat flat chunk take unique " +
    "reverse join startsWith endsWith trim lower upper split round floor ceil abs"
  ).split(" "),
);

/** Does this call an agent, a tool, a flow or an action, as far as its shape tells? */
export function isCall(expression: Expression): boolean {
  if (expression.kind !== "call") return false;
  const { callee } = expression;
  if (callee.kind === "name") return !pureFunctions.has(callee.name.text);
  return callee.kind === "fieldAccess" && !methods.has(callee.name.text);
}
