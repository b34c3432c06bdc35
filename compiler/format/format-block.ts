import { unreachable } from "../../base/assert.ts";
import type {
  Action,
  Arm,
  Block,
  Entry,
  Expression,
  If,
  Match,
  On,
  State,
} from "../syntax/tree.ts";
import { concat, group, ifBroken, indent, join, line } from "./doc.ts";
import type { Doc } from "./doc.ts";
import { formatArgumentList, formatExpression, formatLiteral } from "./format-expression.ts";
import { bracketed, closerBehind, inBrackets, piecesOf, tokenBefore } from "./format-list.ts";
import type { FormatContext } from "./format-list.ts";
import { formatText } from "./format-text.ts";
import { formatTypeBehind } from "./format-type.ts";

/** On one line if it fits and says little: at most three entries, none of them a statement or a branch. */
export function formatBlock(
  context: FormatContext,
  block: Block,
  options: { readonly broken: boolean },
): Doc {
  const { entries } = block;
  const divided = dividingCommas(context, entries);
  return bracketed(context, {
    brackets: "{}",
    items: entries,
    end: block.end - 1,
    print: (entry) => {
      const printed = formatEntry(context, entry);
      return divided.has(entry.end) ? concat([printed, ifBroken(",")]) : printed;
    },
    broken: options.broken || entries.length > 3 || !entries.every(mayShareLine),
  });
}

/**
 * Ends of entries whose comma has to stay, because without it the next entry would go on with them:
 * `a: b, (c)()` is not `a: b(c)()`.
 */
function dividingCommas(context: FormatContext, entries: readonly Entry[]): ReadonlySet<number> {
  const ends = new Set<number>();
  entries.forEach((entry, index) => {
    const next = entries[index + 1];
    if (next?.kind !== "action" || !"([{-".includes(context.text.charAt(next.start))) return;
    const before = tokenBefore(context, next.start);
    if (before !== undefined && context.text.charAt(before.start) === ",") ends.add(entry.end);
  });
  return ends;
}

/** The `let` of a block and of a file. */
export function formatLet(
  context: FormatContext,
  { name, type, value }: Extract<Entry, { kind: "let" }>,
): Doc {
  const annotation = type === null ? "" : concat([":", formatTypeBehind(context, type)]);
  return concat([`let ${name.text}`, annotation, " = ", formatExpression(context, value)]);
}

function mayShareLine(entry: Entry): boolean {
  if (entry.kind === "setting") return entry.value.kind === "invoke";
  return entry.kind === "spread" || (entry.kind === "action" && entry.action.kind === "invoke");
}

function formatEntry(context: FormatContext, entry: Entry): Doc {
  switch (entry.kind) {
    case "setting":
      return concat([`${entry.key.text}: `, formatAction(context, entry.value)]);
    case "spread":
      return `...${entry.name.text}`;
    case "on":
      return formatOn(context, entry);
    case "state":
      return formatState(context, entry);
    case "step": {
      const type = entry.type === null ? "" : concat([":", formatTypeBehind(context, entry.type)]);
      return concat([`step ${entry.name.text}`, type, " = ", formatAction(context, entry.action)]);
    }
    case "let":
      return formatLet(context, entry);
    case "expect":
      return concat(["expect ", formatExpression(context, entry.condition)]);
    case "action":
      return formatAction(context, entry.action);
    default:
      return unreachable(entry);
  }
}

function formatOn(context: FormatContext, { trigger, args, block }: On): Doc {
  const end = closerBehind(context, args.at(-1)?.end ?? trigger.end);
  const head = concat([`on ${trigger.text}`, formatArgumentList(context, { args, end })]);
  return withBlock(context, head, block);
}

function formatState(context: FormatContext, { name, type, initial, block }: State): Doc {
  const head = concat([
    `state ${name.text}:`,
    formatTypeBehind(context, type),
    " = ",
    formatExpression(context, initial),
  ]);
  return withBlock(context, head, block);
}

function withBlock(context: FormatContext, head: Doc, block: Block | null): Doc {
  if (block === null) return head;
  return concat([head, " ", formatBlock(context, block, { broken: false })]);
}

function formatAction(context: FormatContext, action: Action): Doc {
  switch (action.kind) {
    case "invoke":
      return withBlock(context, formatExpression(context, action.expression), action.block);
    case "if":
      return formatIf(context, action);
    case "match":
      return formatMatch(context, action);
    case "for": {
      const list = formatHead(context, action.list);
      return concat([`for ${action.variable.text} in `, list, " ", body(context, action.block)]);
    }
    case "repeat":
    case "race":
      return concat([`${action.kind} `, body(context, action.block)]);
    default:
      return unreachable(action);
  }
}

function body(context: FormatContext, block: Block): Doc {
  return formatBlock(context, block, { broken: true });
}

/** What stands before a body is indented further than the body, where it breaks. */
function formatHead(context: FormatContext, expression: Expression): Doc {
  return indent(formatExpression(context, expression));
}

function formatIf(context: FormatContext, node: If): Doc {
  const parts: Doc[] = [];
  let current: If | Block | null = node;
  while (current?.kind === "if") {
    const condition = formatHead(context, current.condition);
    parts.push(parts.length > 0 ? " else if " : "if ", condition, " ", body(context, current.then));
    current = current.else;
  }
  if (current !== null) parts.push(" else ", body(context, current));
  return concat(parts);
}

function formatMatch(context: FormatContext, node: Match): Doc {
  const subject = formatHead(context, node.subject);
  const pieces = piecesOf(context, {
    items: node.arms,
    end: node.end - 1,
    print: (arm) => formatArm(context, arm),
  });
  return concat(["match ", subject, " ", inBrackets(pieces, { brackets: "{}", broken: true })]);
}

function formatArm(context: FormatContext, { patterns, body: value }: Arm): Doc {
  const printed = patterns.map(({ value: pattern }): Doc => {
    if (pattern === "else") return "else";
    return pattern.kind === "string"
      ? formatText(context, pattern, formatExpression)
      : formatLiteral(context, pattern);
  });
  const head = group(indent(join(concat([line, "| "]), printed)));
  const action = value.kind === "block" ? body(context, value) : formatAction(context, value);
  return concat([head, " => ", action]);
}
