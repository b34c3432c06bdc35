import type { Fix } from "../diagnostics/diagnostic.ts";
import type { Scope } from "../names/scope.ts";
import { replace } from "../names/reporter.ts";
import { withoutParentheses } from "../names/plain-text.ts";
import { functionSymbols } from "../names/reserved.ts";
import type { CallExpression, ConditionalExpression, Expression } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";

/** A call that takes time stands inside an expression, a `let` or an `output`. */
export function reportCallInValue(
  c: Checker,
  { node, scope }: { readonly node: CallExpression; readonly scope: Scope },
  callee: string,
): void {
  const fixes = scope.flow === null ? [] : stepInstead(c, node);
  c.report({
    code: "AF4005",
    at: node,
    message: `${callee} is called where only values stand`,
    help:
      fixes.length > 0
        ? "what takes time is a step: `step name = …`"
        : `make the call a step, \`step result = ${shortened(c.textOf(node))}\`, and write \`result\` here`,
    fixes,
  });
}

/** `let x = call(…)` in a flow was meant as `step x = call(…)`. */
function stepInstead(c: Checker, node: CallExpression): readonly Fix[] {
  const { sourceText } = c;
  const written = /\blet\s+[\w$]+\s*(?::[^=\n]*)?=\s*$/u.exec(sourceText.slice(0, node.start));
  const goesOn = /^\s*(?:[.?[+*/<>=&|!-])/u.test(sourceText.slice(node.end));
  if (written === null || goesOn) return [];
  const start = written.index;
  const edit = replace(c.file, { start, end: start + "let".length }, "step");
  return [{ title: "make it a step", edits: [edit], safe: true }];
}

function shortened(text: string): string {
  return text.length > 60 || text.includes("\n")
    ? `${text.slice(0, text.indexOf("(") + 1)}…)`
    : text;
}

/** `condition ? call(…) : other(…)`: a choice between calls, told once. */
export function reportCallsBetween(c: Checker, node: ConditionalExpression, scope: Scope): boolean {
  const call = [node.then, node.else].find((branch) => isTask(c, branch));
  if (call === undefined) return false;
  c.silently(() => [node.then, node.else].map((branch) => c.infer(branch, scope)));
  const [test, then, other] = [node.condition, node.then, node.else].map((part) =>
    shortened(c.textOf(part)),
  );
  c.report({
    code: "AF4005",
    at: call,
    message: "`?:` chooses between values, and this is a call",
    help: `choose between calls with \`if ${test} { ${then} } else { ${other} }\``,
  });
  return true;
}

/** A call of what takes time. */
function isTask(c: Checker, expression: Expression): boolean {
  const node = withoutParentheses(expression);
  if (node.kind !== "call" || node.callee.kind !== "name") return false;
  const { text } = node.callee.name;
  const kind = c.module.names.get(text)?.kind ?? functionSymbols.get(text)?.kind;
  return kind !== undefined && ["agent", "tool", "flow", "role", "action"].includes(kind);
}
