import { indentOf } from "./characters.ts";
import {
  Agent,
  AnyName,
  Colon,
  Config,
  Const,
  Dot,
  Enum,
  Equals,
  Flow,
  Identifier,
  Import,
  LBrace,
  LBracket,
  Less,
  Let,
  LParen,
  Model,
  QuestionDot,
  RBrace,
  RBracket,
  Role,
  RParen,
  Test,
  Text,
  Tool,
  Type,
  Var,
} from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

/** Which tokens may follow the keyword of a declaration, and what then: enough to tell it from a field of that name. */
const shapes: ReadonlyMap<number, readonly [readonly TokenKind[], readonly TokenKind[]]> = new Map([
  [Import.tokenTypeIdx, [[LBrace], []]],
  [Let.tokenTypeIdx, [[Identifier], [Equals, Colon]]],
  [Const.tokenTypeIdx, [[Identifier], [Equals, Colon]]],
  [Var.tokenTypeIdx, [[Identifier], [Equals, Colon]]],
  [Type.tokenTypeIdx, [[Identifier], [LBrace, Equals, Less]]],
  [Enum.tokenTypeIdx, [[Identifier], [LBrace]]],
  [Config.tokenTypeIdx, [[LBrace, AnyName], []]],
  [Role.tokenTypeIdx, [[Identifier], [LParen, Less]]],
  [Model.tokenTypeIdx, [[Identifier], [LBrace]]],
  [Agent.tokenTypeIdx, [[Identifier], [LParen, Colon]]],
  [Tool.tokenTypeIdx, [[Identifier], [LParen, Colon]]],
  [Flow.tokenTypeIdx, [[Identifier], [LParen, Less, Colon]]],
  [Test.tokenTypeIdx, [[Text], [LBrace]]],
]);

/** Of an opening bracket the kind that closes it; of a closing one -1. */
const closings: number[] = [];
closings[LBrace.tokenTypeIdx] = RBrace.tokenTypeIdx;
closings[LParen.tokenTypeIdx] = RParen.tokenTypeIdx;
closings[LBracket.tokenTypeIdx] = RBracket.tokenTypeIdx;
for (const kind of [RBrace, RParen, RBracket]) closings[kind.tokenTypeIdx] = -1;

/**
 * Cuts a file into its declarations, so that a fault in one cannot reach another; what stands before the first is a
 * unit, too. A declaration starts at its keyword outside all brackets. If brackets lack partners, indentation counts
 * more than brackets: a declaration also starts at a keyword that stands no further right than the one before.
 */
export function splitDeclarations(text: string, tokens: Token[]): Token[][] {
  const starts = outsideBrackets(text, tokens) ?? byIndentation(text, tokens);
  if (starts[0] !== 0 && tokens.length > 0) starts.unshift(0);
  return starts.map((start, at) => tokens.slice(start, starts[at + 1] ?? tokens.length));
}

/** Null if brackets lack partners. */
function outsideBrackets(text: string, tokens: readonly Token[]): number[] | null {
  const starts: number[] = [];
  const open: number[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const kind = tokens[index]!.tokenTypeIdx;
    const closing = closings[kind];
    if (closing === undefined) {
      if (open.length === 0 && shapes.has(kind) && isDeclared(text, tokens, index))
        starts.push(index);
    } else if (closing > 0) open.push(closing);
    else if (open.pop() !== kind) return null;
  }
  return open.length === 0 ? starts : null;
}

/** Outside brackets the word may also be a value, a field behind a dot, or a name that it can't be. */
function isDeclared(text: string, tokens: readonly Token[], index: number): boolean {
  if (isKey(tokens, index)) return false;
  const kind = tokens[index]?.tokenType;
  const before = tokens[index - 1]?.tokenType;
  const startsLine = indentOf(text, tokens[index]?.start ?? 0) >= 0;
  if (before === Dot || before === QuestionDot) return startsLine && isShaped(tokens, index);
  if (!startsLine) return isShaped(tokens, index);
  const after = tokens[index + 1]?.tokenType;
  return kind !== Config || (after !== Dot && after !== QuestionDot);
}

function byIndentation(text: string, tokens: readonly Token[]): number[] {
  const starts: number[] = [];
  let depth = 0;
  let indent = 0;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    const closing = closings[token.tokenTypeIdx];
    if (closing !== undefined) depth = Math.max(depth + (closing > 0 ? 1 : -1), 0);
    else if (shapes.has(token.tokenTypeIdx) && startsHere(text, tokens, { index, depth, indent })) {
      starts.push(index);
      depth = 0;
      indent = Math.max(indentOf(text, token.start), 0);
    }
  }
  return starts;
}

function startsHere(
  text: string,
  tokens: readonly Token[],
  { index, depth, indent }: { index: number; depth: number; indent: number },
): boolean {
  if (isKey(tokens, index)) return false;
  const column = indentOf(text, tokens[index]?.start ?? 0);
  if (column >= 0 && column <= indent) return depth === 0 || isShaped(tokens, index);
  return depth === 0 && !isStatement(tokens[index]) && isShaped(tokens, index);
}

/** `let` starts an entry of a block as well. */
function isStatement(token: Token | undefined): boolean {
  return token?.tokenType === Let || token?.tokenType === Const || token?.tokenType === Var;
}

/** A word before `:` is a key, also where it can't stand. */
function isKey(tokens: readonly Token[], index: number): boolean {
  return tokens[index + 1]?.tokenTypeIdx === Colon.tokenTypeIdx;
}

/** Do the tokens from here on look like the start of a declaration? */
export function isShaped(tokens: readonly Token[], index: number): boolean {
  const shape = shapes.get(tokens[index]?.tokenTypeIdx ?? -1);
  if (shape === undefined) return false;
  const [second, third] = shape;
  if (tokens[index]?.tokenType === Config && tokens[index + 1]?.tokenType !== LBrace) {
    return isOneOf(tokens[index + 1], second) && tokens[index + 2]?.tokenType === LBrace;
  }
  return (
    isOneOf(tokens[index + 1], second) && (third.length === 0 || isOneOf(tokens[index + 2], third))
  );
}

function isOneOf(token: Token | undefined, kinds: readonly TokenKind[]): boolean {
  if (token === undefined) return false;
  return kinds.some(
    (kind) =>
      kind.tokenTypeIdx === token.tokenTypeIdx ||
      kind.categoryMatchesMap?.[token.tokenTypeIdx] === true,
  );
}
