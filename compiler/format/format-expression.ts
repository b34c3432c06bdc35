import { unreachable } from "../../base/assert.ts";
import type {
  Argument,
  BinaryExpression,
  BinaryOperator,
  CallExpression,
  ConditionalExpression,
  Expression,
  LambdaExpression,
  LiteralExpression,
  RecordEntry,
} from "../syntax/tree.ts";
import { concat, group, indent, join, line } from "./doc.ts";
import type { Doc } from "./doc.ts";
import { bracketed } from "./format-list.ts";
import type { FormatContext } from "./format-list.ts";
import { formatText } from "./format-text.ts";

export function formatExpression(context: FormatContext, node: Expression): Doc {
  switch (node.kind) {
    case "literal":
      return formatLiteral(context, node);
    case "string":
      return formatText(context, node, formatExpression);
    case "name":
      return node.name.text;
    case "fieldAccess":
    case "index":
    case "call":
      return formatChain(context, node);
    case "lambda":
      return formatLambda(context, node);
    case "unary":
      return concat([node.operator, formatExpression(context, node.operand)]);
    case "binary":
      return formatOperators(context, node);
    case "conditional":
      return formatConditional(context, node);
    case "record":
      return bracketed(context, {
        brackets: "{}",
        items: node.entries,
        end: node.end - 1,
        print: (entry) => formatRecordEntry(context, entry),
      });
    case "listLiteral":
      return bracketed(context, {
        brackets: "[]",
        items: node.items,
        end: node.end - 1,
        print: (item) => formatExpression(context, item),
      });
    case "parenthesized":
      return concat(["(", formatExpression(context, node.expression), ")"]);
    case "errorExpression":
      return "";
    default:
      return unreachable(node);
  }
}

/** As written, but a minus stands at its number. */
export function formatLiteral({ text }: FormatContext, node: LiteralExpression): Doc {
  return text
    .slice(node.start, node.end)
    .replaceAll(/\/\/.*/g, "")
    .replaceAll(/\s+/g, "");
}

/** `a.b?.c(d)[e]`, from left to right without recursion: chains may be long. */
function formatChain(context: FormatContext, node: Expression): Doc {
  const links: Expression[] = [];
  let head = node;
  while (head.kind === "fieldAccess" || head.kind === "index" || head.kind === "call") {
    links.push(head);
    head = head.kind === "call" ? head.callee : head.object;
  }
  const parts = [formatExpression(context, head)];
  for (const link of links.reverse()) {
    if (link.kind === "fieldAccess") parts.push(`${link.optional ? "?." : "."}${link.name.text}`);
    else if (link.kind === "index") parts.push("[", formatExpression(context, link.index), "]");
    else if (link.kind === "call") parts.push(formatArguments(context, link));
  }
  return concat(parts);
}

function formatArguments(context: FormatContext, call: CallExpression): Doc {
  return formatArgumentList(context, { args: call.args, end: call.end - 1 });
}

/** `end`: offset of the closing bracket. */
export function formatArgumentList(
  context: FormatContext,
  { args, end }: { readonly args: readonly Argument[]; readonly end: number },
): Doc {
  const last = args.at(-1);
  if (last?.name === null && last.value.kind === "lambda" && !context.comments.hasBefore(end)) {
    const others = args.slice(0, -1).map((arg) => formatArgument(context, arg));
    return group(concat(["(", join(", ", [...others, formatLambda(context, last.value)]), ")"]));
  }
  return bracketed(context, {
    brackets: "()",
    items: args,
    end,
    print: (arg) => formatArgument(context, arg),
  });
}

function formatArgument(context: FormatContext, { name, value }: Argument): Doc {
  const printed = formatExpression(context, value);
  return name === null ? printed : concat([`${name.text}: `, printed]);
}

function formatLambda(context: FormatContext, { param, body }: LambdaExpression): Doc {
  const printed = formatExpression(context, body);
  return concat([`${param.text} =>`, group(indent(concat([line, printed])))]);
}

const levels: Readonly<Record<BinaryOperator, number>> = {
  "??": 1,
  "||": 2,
  "&&": 3,
  "==": 4,
  "!=": 4,
  "<": 5,
  ">": 5,
  "<=": 5,
  ">=": 5,
  "..": 6,
  "+": 7,
  "-": 7,
  "*": 8,
  "/": 8,
};

/** A chain of operators of one level breaks before as few of them as needed. */
function formatOperators(context: FormatContext, node: BinaryExpression): Doc {
  const level = levels[node.operator];
  const operations: BinaryExpression[] = [];
  let first: Expression = node;
  while (first.kind === "binary" && levels[first.operator] === level) {
    operations.push(first);
    first = first.left;
  }
  const head = formatExpression(context, first);
  const rest = operations.reverse().map(({ operator, right }) => {
    const operand = formatExpression(context, right);
    if (operator === "..") return concat([operator, operand]);
    return group(concat([line, `${operator} `, operand]));
  });
  return concat([head, indent(concat(rest))]);
}

/** `a ? b : c ? d : e` breaks before every sign, all at one depth. */
function formatConditional(context: FormatContext, node: ConditionalExpression): Doc {
  const parts: Doc[] = [];
  const head = formatExpression(context, node.condition);
  let current = node;
  for (;;) {
    parts.push(line, "? ", indent(formatExpression(context, current.then)));
    if (current.else.kind !== "conditional") break;
    const next: ConditionalExpression = current.else;
    parts.push(line, ": ", indent(formatExpression(context, next.condition)));
    current = next;
  }
  parts.push(line, ": ", indent(formatExpression(context, current.else)));
  return group(concat([head, indent(concat(parts))]));
}

function formatRecordEntry(context: FormatContext, entry: RecordEntry): Doc {
  if (entry.kind === "recordSpread") return concat(["...", formatExpression(context, entry.value)]);
  const key = entry.quoted ? context.text.slice(entry.key.start, entry.key.end) : entry.key.text;
  if (entry.value === null) return key;
  return concat([key, ": ", formatExpression(context, entry.value)]);
}
