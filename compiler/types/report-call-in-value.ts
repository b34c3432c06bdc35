import type { CallExpression } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";

/** A call that takes time stands inside an expression, a `let` or an `output`. */
export function reportCallInValue(c: Checker, node: CallExpression, callee: string): void {
  c.report({
    code: "AF4005",
    at: node,
    message: `${callee} is called where only values stand`,
    help: `make the call a step, \`step result = ${shortened(c.textOf(node))}\`, and write \`result\` here`,
  });
}

function shortened(text: string): string {
  return text.length > 60 || text.includes("\n")
    ? `${text.slice(0, text.indexOf("(") + 1)}…)`
    : text;
}
