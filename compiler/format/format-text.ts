import type { Expression, Interpolation, StringLiteral } from "../syntax/tree.ts";
import { concat, hardLine, indent } from "./doc.ts";
import type { Doc } from "./doc.ts";
import type { FormatContext } from "./format-list.ts";
import { printFlat } from "./print-doc.ts";

type PrintExpression = (context: FormatContext, expression: Expression) => Doc;
type PrintInside = (part: Interpolation) => string;

/** A text as it was written, with its `${…}` formatted; text over lines is re-indented as a whole. */
export function formatText(
  context: FormatContext,
  node: StringLiteral,
  printExpression: PrintExpression,
): Doc {
  const printInside: PrintInside = ({ start, end, expression }) => {
    const written = context.text.slice(start + 2, end - 1);
    // A comment in there has no line of its own to go to, so everything stays.
    if (hasComment(written)) return written;
    return context.comments.without(() => printFlat(printExpression(context, expression)));
  };
  if (node.quote === '"') {
    const content = withInterpolations(context.text, {
      node,
      start: node.start + 1,
      end: node.end - 1,
      printInside,
    });
    return `"${content}"`;
  }
  return blockText(context.text, node, printInside);
}

function hasComment(written: string): boolean {
  return written.includes("//") && written.replaceAll(/"(?:\\.|[^"\\])*"/g, "").includes("//");
}

interface Stretch {
  readonly node: StringLiteral;
  readonly start: number;
  readonly end: number;
  readonly printInside: PrintInside;
}

function withInterpolations(text: string, { node, start, end, printInside }: Stretch): string {
  let result = "";
  let position = start;
  for (const part of node.parts) {
    if (part.kind !== "interpolation" || part.end > end) continue;
    result += `${text.slice(position, part.start)}\${${printInside(part)}}`;
    position = part.end;
  }
  return result + text.slice(position, end);
}

function blockText(text: string, node: StringLiteral, printInside: PrintInside): Doc {
  const raw = text.slice(node.start + 3, node.end - 3);
  const opening = /^[ \t]*(\r\n|\r|\n)/.exec(raw)?.[0] ?? "";
  const inner = raw.slice(opening.length);
  const closing = /(\r\n|\r|\n)[ \t]*$/.exec(inner)?.[0] ?? "";
  if (opening !== "" && inner.trim() === "" && closing === "") return '""""""';
  const start = node.start + 3 + opening.length;
  const end = node.end - 3 - closing.length;
  // The indentation is counted before `${…}` is printed, because the reader of the text counts it there too.
  const indentation = commonIndentation(text.slice(start, end), opening === "");
  const printed = withInterpolations(text, { node, start, end, printInside });
  const lines = printed.split(/\r\n|\r|\n/).map((line, index) => {
    if (index === 0 && opening === "") return line;
    return line.trim() === "" ? "" : line.slice(indentation);
  });
  const atMargin = startsAtMargin(lines);
  if (lines.length === 1 && (opening === "" || !atMargin)) return `"""${lines.join("")}"""`;
  const rows = lines.flatMap((line) => [hardLine, line]);
  // Blanks before the first word stay part of the text only behind the opening quotes.
  const shown = atMargin ? rows : rows.slice(1);
  return indent(concat(['"""', ...shown, hardLine, '"""']));
}

function commonIndentation(content: string, skipFirst: boolean): number {
  const indents = content
    .split(/\r\n|\r|\n/)
    .slice(skipFirst ? 1 : 0)
    .filter((line) => line.trim() !== "")
    .map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0);
  return indents.length === 0 ? 0 : Math.min(...indents);
}

/** Otherwise indenting all lines alike would hide blanks that belong to the text. */
function startsAtMargin(lines: readonly string[]): boolean {
  const filled = lines.filter((line) => line.trim() !== "");
  return filled.length === 0 || filled.some((line) => !/^[ \t]/.test(line));
}
