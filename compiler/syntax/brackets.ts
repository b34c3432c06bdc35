import { isBlank, isLineBreak } from "./characters.ts";
import { LBrace, LBracket, LParen, RBrace, RBracket, RParen } from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

const closings: ReadonlyMap<number, TokenKind> = new Map([
  [LBrace.tokenTypeIdx, RBrace],
  [LParen.tokenTypeIdx, RParen],
  [LBracket.tokenTypeIdx, RBracket],
]);

const openings: ReadonlyMap<number, TokenKind> = new Map([
  [RBrace.tokenTypeIdx, LBrace],
  [RParen.tokenTypeIdx, LParen],
  [RBracket.tokenTypeIdx, LBracket],
]);

/** The bracket that closes what this token opens, if it opens anything. */
export function closingOf(token: Token | undefined): TokenKind | undefined {
  return token === undefined ? undefined : closings.get(token.tokenTypeIdx);
}

/** The bracket that opens what this token closes, if it closes anything. */
export function openingOf(token: Token | undefined): TokenKind | undefined {
  return token === undefined ? undefined : openings.get(token.tokenTypeIdx);
}

/** What opens, if this kind closes. */
export function opens(kind: TokenKind): TokenKind | undefined {
  return openings.get(kind.tokenTypeIdx);
}

export function isBracket(kind: TokenKind): boolean {
  return closings.has(kind.tokenTypeIdx) || openings.has(kind.tokenTypeIdx);
}

/** Has every bracket its partner, in order? */
export function isBalanced(tokens: readonly Token[]): boolean {
  const open: (TokenKind | undefined)[] = [];
  for (const token of tokens) {
    const closing = closingOf(token);
    if (closing !== undefined) open.push(closing);
    else if (openingOf(token) !== undefined && open.pop() !== token.tokenType) return false;
  }
  return open.length === 0;
}

/** The brackets that are open before a token, the outermost first, by their index. */
export function openBefore(tokens: readonly Token[], index: number): number[] {
  const open: number[] = [];
  for (let at = 0; at < Math.min(index, tokens.length); at += 1) {
    if (closingOf(tokens[at]) !== undefined) open.push(at);
    else if (
      openingOf(tokens[at]) !== undefined &&
      closingOf(tokens[open.at(-1) ?? -1]) === tokens[at]?.tokenType
    ) {
      open.pop();
    }
  }
  return open;
}

/** Index of the token that closes the bracket at `index`; the number of tokens if nothing does. */
export function partnerOf(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (let at = index; at < tokens.length; at += 1) {
    if (closingOf(tokens[at]) !== undefined) depth += 1;
    else if (openingOf(tokens[at]) !== undefined) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return tokens.length;
}

/** The tokens of one line of text. */
export interface Line {
  /** Index of its first token. */
  readonly first: number;
  /** Index of its last token. */
  readonly last: number;
  /** Blanks before its first token. */
  readonly indent: number;
}

/** Lays tokens out by the lines they start on. */
export function linesOf(text: string, tokens: readonly Token[]): Line[] {
  const lines: Line[] = [];
  let first = 0;
  for (let index = 1; index <= tokens.length; index += 1) {
    const token = tokens[index];
    if (token !== undefined && isOnOneLine(text, tokens[index - 1]?.end ?? 0, token.start))
      continue;
    lines.push({ first, last: index - 1, indent: indentOfLine(text, tokens[first]?.start ?? 0) });
    first = index;
  }
  return tokens.length === 0 ? [] : lines;
}

/** Is there no line break between the two offsets? */
export function isOnOneLine(text: string, from: number, to: number): boolean {
  for (let offset = from; offset < to; offset += 1) {
    if (isLineBreak(text.charCodeAt(offset))) return false;
  }
  return true;
}

function indentOfLine(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && isBlank(text.charCodeAt(start - 1))) start -= 1;
  return offset - start;
}
