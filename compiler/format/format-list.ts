import type { SyntaxToken } from "../syntax/parse-result.ts";
import type { Node } from "../syntax/tree.ts";
import { isBlankBefore } from "./comment-cursor.ts";
import type { CommentCursor } from "./comment-cursor.ts";
import {
  blankLine,
  concat,
  group,
  hardBlankLine,
  hardLine,
  ifBroken,
  indent,
  line,
  softLine,
  suffix,
} from "./doc.ts";
import type { Doc } from "./doc.ts";

/** What all parts of the formatter share. */
export interface FormatContext {
  readonly text: string;
  readonly tokens: readonly SyntaxToken[];
  readonly comments: CommentCursor;
}

/** Start of the closing bracket that is the first one at or behind an offset. */
export function closerBehind({ text, tokens }: FormatContext, offset: number): number {
  for (let index = tokenIndex(tokens, offset); index < tokens.length; index += 1) {
    const start = tokens[index]?.start ?? text.length;
    if (")]}".includes(text.charAt(start))) return start;
  }
  return text.length;
}

/** The token before an offset, if there is one. */
export function tokenBefore({ tokens }: FormatContext, offset: number): SyntaxToken | undefined {
  return tokens[tokenIndex(tokens, offset) - 1];
}

/** Index of the first token that starts at or behind an offset. */
function tokenIndex(tokens: readonly SyntaxToken[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What can stand in a list. */
export interface Item extends Node {
  /** Its doc comment. */
  readonly doc?: Node | null;
}

/** Something that stands in a list, or a comment between such things. */
export interface Piece {
  readonly doc: Doc;
  /** The comment behind an item. */
  readonly behind: string | null;
  readonly kind: "item" | "comment";
  /** An empty line stands before it in the source. */
  readonly blank: boolean;
}

export interface Items<T extends Item> {
  readonly items: readonly T[];
  /** Offset of what follows the last item: the closing bracket, or the end of the file. */
  readonly end: number;
  readonly print: (item: T) => Doc;
  /** Where what introduces an item stands, such as the `|` of a union's member, if not at its start. */
  readonly leadOf?: (item: T) => number;
  /** The last item ends where the whole list ends, so the comment behind it belongs to whoever holds the list. */
  readonly open?: boolean;
}

/** The items of a list and the comments between them, in order. */
export function piecesOf<T extends Item>(context: FormatContext, list: Items<T>): Piece[] {
  const { comments, text } = context;
  const pieces: Piece[] = [];
  list.items.forEach((item, index) => {
    const lead = list.leadOf?.(item) ?? item.start;
    const before = comments.takeBefore(item.start, { token: lead, doc: item.doc ?? null });
    for (const comment of before) pieces.push(commentPiece(comment));
    const takenBefore = comments.taken;
    const doc = list.print(item);
    const wereInside = comments.taken > takenBefore;
    const amid = comments.takeBefore(item.end).map(commentPiece);
    // A comment in the middle of an item goes before it, unless it would overtake one further inside.
    const isLast = index === list.items.length - 1 && list.open === true;
    const stayBehind = amid.length > 0 && wereInside;
    const behind = isLast || stayBehind ? null : comments.takeBehind(item.end);
    const blank = isBlankBefore(text, lead);
    const [first, ...others] = amid;
    if (first === undefined || wereInside) {
      pieces.push({ kind: "item", doc, behind, blank });
      for (const piece of amid) pieces.push({ ...piece, blank: false });
      return;
    }
    pieces.push({ ...first, blank });
    for (const piece of others) pieces.push({ ...piece, blank: false });
    pieces.push({ kind: "item", doc, behind, blank: false });
  });
  if (list.open === true) return pieces;
  for (const comment of comments.takeBefore(list.end)) pieces.push(commentPiece(comment));
  return pieces;
}

function commentPiece({ text, blank }: { readonly text: string; readonly blank: boolean }): Piece {
  return { kind: "comment", doc: text, behind: null, blank };
}

export function hasComments(pieces: readonly Piece[]): boolean {
  return pieces.some(({ kind, behind }) => kind === "comment" || behind !== null);
}

export type Brackets = "{}" | "()" | "[]";

export interface Bracketed<T extends Item> extends Items<T> {
  readonly brackets: Brackets;
  /** One item per line, whether they fit or not. */
  readonly broken?: boolean;
  /** Commas stay when the list is broken, although it stands in braces. */
  readonly commas?: boolean;
}

/** A list in brackets: on one line if it fits and holds no comment, else an item per line. */
export function bracketed<T extends Item>(context: FormatContext, list: Bracketed<T>): Doc {
  return inBrackets(piecesOf(context, list), list);
}

export function inBrackets(
  pieces: readonly Piece[],
  options: Pick<Bracketed<Item>, "brackets" | "broken" | "commas">,
): Doc {
  const [open, close] = [options.brackets.charAt(0), options.brackets.charAt(1)];
  if (pieces.length === 0) return open + close;
  const inBraces = open === "{";
  const keepsCommas = !inBraces || options.commas === true;
  const mustBreak = options.broken === true || hasComments(pieces);
  const edge = mustBreak ? hardLine : inBraces ? line : softLine;
  const lastItem = pieces.findLastIndex(({ kind }) => kind === "item");
  const body = pieces.flatMap((piece, index): Doc[] => {
    const parts: Doc[] = [index === 0 ? edge : separator(piece.blank, mustBreak), piece.doc];
    if (piece.kind === "item" && index < lastItem)
      parts.push(keepsCommas ? "," : ifBroken("", ","));
    if (piece.kind === "item" && index === lastItem && keepsCommas) parts.push(ifBroken(","));
    if (piece.behind !== null) parts.push(suffix(` ${piece.behind}`));
    return parts;
  });
  return group(concat([open, indent(concat(body)), edge, close]));
}

export function separator(blank: boolean, mustBreak: boolean): Doc {
  if (mustBreak) return blank ? hardBlankLine : hardLine;
  return blank ? blankLine : line;
}
