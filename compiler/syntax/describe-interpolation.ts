import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { expectationOf } from "./expectations.ts";
import type { Fault } from "./grammar-base.ts";
import { printToken } from "./print-token.ts";
import type { Token } from "./tokens.ts";
import type { Node } from "./tree.ts";

/** Says what is wrong between the braces of a `${…}`. */
export function describeInterpolation(
  { file, text }: { readonly file: string; readonly text: string },
  { start, end }: Node,
  { tokens, fault }: { readonly tokens: readonly Token[]; readonly fault: Fault },
): Diagnostic {
  const base = { code: "AF1004" as const, severity: "error" as const };
  const help =
    'write one value between the braces, as in `${name}`, `${order.id}` or `${note ?? "none"}`';
  if (tokens.length === 0) {
    return {
      ...base,
      message: "this `${ }` holds no value",
      span: { file, start: start - 2, end: end + 1 },
      help,
    };
  }
  if (text[start] === "{" && text[end + 1] === "}") {
    const inner = text.slice(start + 1, end).trim();
    return {
      ...base,
      message: "a value is inserted with one pair of braces",
      span: { file, start: start - 2, end: end + 2 },
      help: `write \`\${${inner}}\``,
    };
  }
  const token = tokens[fault.index];
  if (token === undefined) {
    return {
      ...base,
      message: `this \`\${ }\` ends too soon: I expected ${expectationOf(fault)} before its \`}\``,
      span: { file, start: end, end: end + 1 },
      help,
    };
  }
  const message =
    fault.kind === "left-over"
      ? `this \`\${ }\` holds more than one value: ${printToken(text, token)} does not belong to the first`
      : `I expected ${expectationOf(fault)} in this \`\${ }\`, but found ${printToken(text, token)}`;
  return { ...base, message, span: { file, start: token.start, end: token.end }, help };
}
