import { unreachable } from "../../base/assert.ts";
import type { Field, NamedType, Range, Signature, TypeNode, UnionType } from "../syntax/tree.ts";
import { concat, group, hardLine, ifBroken, indent, join, line, softLine, suffix } from "./doc.ts";
import type { Doc } from "./doc.ts";
import { formatExpression, formatLiteral } from "./format-expression.ts";
import {
  bracketed,
  closerBehind,
  hasComments,
  piecesOf,
  separator,
  tokenBefore,
} from "./format-list.ts";
import type { Bracketed, FormatContext } from "./format-list.ts";
import { formatText } from "./format-text.ts";

export function formatType(context: FormatContext, node: TypeNode): Doc {
  switch (node.kind) {
    case "union":
      return group(indent(unionMembers(context, node, softLine)));
    case "labelled":
      return concat([`${node.label} `, formatType(context, node.type)]);
    case "optional":
      return concat([formatType(context, node.type), "?"]);
    case "list":
      return concat([formatType(context, node.item), "[", formatRange(context, node.range), "]"]);
    case "shape":
      return formatShape(context, node);
    case "literalType":
      return formatText(context, node.value, formatExpression);
    case "named":
      return formatNamed(context, node);
    case "parenthesizedType":
      return formatParenthesized(context, node.type);
    case "errorType":
      return "";
    default:
      return unreachable(node);
  }
}

/** A type behind `=`, `:` or `->`, with the blank between: a union that is too long starts on its own line. */
export function formatTypeBehind(context: FormatContext, node: TypeNode): Doc {
  if (node.kind === "union") return group(indent(unionMembers(context, node, line)));
  return concat([" ", formatType(context, node)]);
}

export function formatShape(
  context: FormatContext,
  node: { readonly fields: readonly Field[]; readonly end: number },
): Doc {
  return bracketed(
    context,
    fieldList(context, { brackets: "{}", fields: node.fields, end: node.end - 1 }),
  );
}

export function formatSignature(context: FormatContext, node: Signature): Doc {
  const end = closerBehind(context, node.params.at(-1)?.end ?? node.start);
  const params = bracketed(
    context,
    fieldList(context, { brackets: "()", fields: node.params, end }),
  );
  if (node.returns === null) return params;
  return concat([params, " ->", formatTypeBehind(context, node.returns)]);
}

export function formatTypeArguments(context: FormatContext, args: readonly TypeNode[]): Doc {
  if (args.length === 0) return "";
  const printed = args.map((arg) => formatType(context, arg));
  return concat(["<", join(", ", printed), ">"]);
}

function fieldList(
  context: FormatContext,
  options: {
    readonly brackets: "{}" | "()";
    readonly fields: readonly Field[];
    readonly end: number;
  },
): Bracketed<Field> {
  const { brackets, fields, end } = options;
  return { brackets, items: fields, end, print: (field) => formatField(context, field) };
}

function formatField(context: FormatContext, { name, type, default: value }: Field): Doc {
  const parts: Doc[] = [name.text, ":", formatTypeBehind(context, type)];
  if (value !== null) parts.push(" = ", formatExpression(context, value));
  return concat(parts);
}

function formatNamed(context: FormatContext, { name, args, range, pattern }: NamedType): Doc {
  const parts: Doc[] = [name.text, formatTypeArguments(context, args)];
  if (range !== null) parts.push("(", formatRange(context, range), ")");
  if (pattern !== null) parts.push("(", formatText(context, pattern, formatExpression), ")");
  return concat(parts);
}

function formatRange(context: FormatContext, range: Range | null): Doc {
  if (range === null) return "";
  const from = range.from === null ? "" : formatLiteral(context, range.from);
  const to = range.to === null ? "" : formatLiteral(context, range.to);
  return range.exact ? from : concat([from, "..", to]);
}

function formatParenthesized(context: FormatContext, type: TypeNode): Doc {
  if (type.kind !== "union") return concat(["(", formatType(context, type), ")"]);
  return group(concat(["(", indent(unionMembers(context, type, softLine)), softLine, ")"]));
}

/** One line, or a member per line, each behind its `| `. */
function unionMembers(context: FormatContext, node: UnionType, before: Doc): Doc {
  const pieces = piecesOf(context, {
    items: node.members,
    end: node.end,
    open: true,
    leadOf: ({ start }) => {
      const before = tokenBefore(context, start);
      return before !== undefined && context.text.charAt(before.start) === "|"
        ? before.start
        : start;
    },
    print: (member) => formatType(context, member.type),
  });
  const mustBreak = hasComments(pieces);
  const parts = pieces.flatMap((piece, index): Doc[] => {
    const start = index === 0 ? (mustBreak ? hardLine : before) : separator(piece.blank, mustBreak);
    const sign = piece.kind === "comment" ? "" : index === 0 ? ifBroken("| ") : "| ";
    const end = piece.behind === null ? "" : suffix(` ${piece.behind}`);
    return [start, sign, piece.doc, end];
  });
  return concat(parts);
}
