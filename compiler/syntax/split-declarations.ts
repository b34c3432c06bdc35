import { indentOf } from "./characters.ts";
import {
  Agent,
  AnyName,
  Colon,
  Config,
  Const,
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

/** The tokens of one declaration, or of what stands before the first. */
export interface Unit {
  readonly tokens: Token[];
  /** False if the tokens do not start with the keyword of a declaration. */
  readonly isDeclaration: boolean;
}

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

const step: number[] = [];
for (const kind of [LBrace, LParen, LBracket]) step[kind.tokenTypeIdx] = 1;
for (const kind of [RBrace, RParen, RBracket]) step[kind.tokenTypeIdx] = -1;

/**
 * Cuts a file into its declarations, so that a fault in one cannot reach another. A declaration starts at its keyword
 * outside all brackets. Where brackets are not closed, it also starts at a keyword that stands no further right than
 * that of the declaration before.
 */
export function splitDeclarations(text: string, tokens: readonly Token[]): Unit[] {
  const starts: number[] = [];
  let depth = 0;
  let indent = 0;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    const change = step[token.tokenTypeIdx];
    if (change !== undefined) depth = Math.max(depth + change, 0);
    else if (shapes.has(token.tokenTypeIdx) && startsHere(text, tokens, { index, depth, indent })) {
      starts.push(index);
      depth = 0;
      indent = Math.max(indentOf(text, token.start), 0);
    }
  }
  return cut(tokens, starts);
}

function cut(tokens: readonly Token[], starts: readonly number[]): Unit[] {
  const units: Unit[] = [];
  const first = starts[0] ?? tokens.length;
  if (first > 0) units.push({ tokens: tokens.slice(0, first), isDeclaration: false });
  for (let at = 0; at < starts.length; at += 1) {
    units.push({ tokens: tokens.slice(starts[at], starts[at + 1] ?? tokens.length), isDeclaration: true });
  }
  return units;
}

function startsHere(
  text: string,
  tokens: readonly Token[],
  { index, depth, indent }: { index: number; depth: number; indent: number },
): boolean {
  const token = tokens[index]!;
  const next = tokens[index + 1];
  if (depth === 0 && next?.tokenTypeIdx !== Colon.tokenTypeIdx) {
    const column = indentOf(text, token.start);
    return column < 0 || column <= indent || isShaped(tokens, index);
  }
  const column = indentOf(text, token.start);
  return column >= 0 && column <= indent && isShaped(tokens, index);
}

function isShaped(tokens: readonly Token[], index: number): boolean {
  const [second = [], third = []] = shapes.get(tokens[index]?.tokenTypeIdx ?? -1) ?? [];
  return isOneOf(tokens[index + 1], second) && (third.length === 0 || isOneOf(tokens[index + 2], third));
}

function isOneOf(token: Token | undefined, kinds: readonly TokenKind[]): boolean {
  if (token === undefined) return false;
  return kinds.some(
    (kind) => kind.tokenTypeIdx === token.tokenTypeIdx || kind.categoryMatchesMap?.[token.tokenTypeIdx] === true,
  );
}
