import { replace } from "../names/reporter.ts";
import type { Scope } from "../names/scope.ts";
import type { BinaryExpression } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";

/** `note || "none"`, as other languages replace what is missing: told once, instead of two sides that are no conditions. */
export function reportDefault(c: Checker, node: BinaryExpression, scope: Scope): boolean {
  if (node.operator !== "||") return false;
  const left = c.infer(node.left, scope);
  const isText = left.kind === "string" || left.kind === "literal";
  const isMissing = left.kind === "optional" && left.inner.kind !== "bool";
  if (!isText && !isMissing) return false;
  c.infer(node.right, scope);
  const sign = c.sourceText.indexOf("||", node.left.end);
  const at = { start: sign, end: sign + 2 };
  c.report({
    code: "AF3005",
    at,
    message: "`||` joins conditions; what stands for null follows `??`",
    help: isMissing ? "write `??`" : `the left side is never null; a text is tested with \`== ""\``,
    fixes: isMissing
      ? [{ title: "write `??`", edits: [replace(c.file, at, "??")], safe: true }]
      : [],
  });
  return true;
}
