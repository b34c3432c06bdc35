import type { Fault } from "../names/reporter.ts";
import { parse } from "../syntax/parse.ts";
import type { Expression, Interpolation, StringLiteral, TextPart } from "../syntax/tree.ts";

/** The text of an included file as a template; its nodes stand at their offsets in that file. */
export function includedText(
  file: string,
  text: string,
  report: (fault: Fault) => void,
): StringLiteral {
  const parts: (TextPart | Interpolation)[] = [];
  let from = 0;
  const addText = (end: number): void => {
    if (end > from) parts.push({ kind: "text", start: from, end, text: text.slice(from, end) });
  };
  for (const match of text.matchAll(/\$\{([^}]*)\}?/gu)) {
    const start = match.index;
    const end = start + match[0].length;
    addText(start);
    from = end;
    if (match[0].endsWith("}"))
      parts.push({
        kind: "interpolation",
        start,
        end,
        expression: expressionAt(file, match[1] ?? "", start + 2, report),
      });
    else
      report({
        code: "AF1004",
        at: { start, end: start + 2 },
        message: "this `${` is never closed",
        help: "close it with `}`",
      });
  }
  addText(text.length);
  return { kind: "string", quote: '"""', start: 0, end: text.length, parts };
}

const head = "let x = ";

function expressionAt(
  file: string,
  source: string,
  offset: number,
  report: (fault: Fault) => void,
): Expression {
  const { tree, diagnostics } = parse(file, head + source);
  const shift = offset - head.length;
  for (const { code, span, message, help } of diagnostics) {
    const start = Math.max(offset, span.start + shift);
    report({ code, at: { start, end: Math.max(start, span.end + shift) }, message, help });
  }
  const [declaration] = tree.declarations;
  if (declaration?.kind !== "let")
    return { kind: "errorExpression", start: offset, end: offset + source.length };
  return shifted(declaration.value, shift);
}

/** A copy of the tree whose nodes stand `by` further. */
function shifted<T>(node: T, by: number): T {
  if (Array.isArray(node)) return node.map((item: unknown) => shifted(item, by)) as T;
  if (typeof node !== "object" || node === null) return node;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    copy[key] =
      (key === "start" || key === "end") && typeof value === "number"
        ? value + by
        : shifted(value, by);
  }
  return copy as T;
}
