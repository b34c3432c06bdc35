import { closingOf, linesOf, openBefore, partnerOf } from "./brackets.ts";
import { indentOf } from "./characters.ts";
import { applyChange } from "./change.ts";
import type { Change } from "./change.ts";
import type { Fault, GrammarBase } from "./grammar-base.ts";
import { spend } from "./mend.ts";
import type { Budget, Mend } from "./mend.ts";
import {
  Arrow,
  Colon,
  Comma,
  Ellipsis,
  Equals,
  Gap,
  Hole,
  Identifier,
  LBrace,
  Let,
  LParen,
  RBrace,
  RParen,
  State,
  Step,
  Text,
} from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

/**
 * The way out when no small change helps: leaves out the smallest part around the fault that lets the rest be read,
 * from the content of a bracket over an entry to the head of the declaration. Names stay known where they can.
 */
export function cutOut<T>(
  parser: GrammarBase,
  { rule, tokens, fault }: { rule: () => T; tokens: Token[]; fault: Fault },
  budget: Budget,
): Mend<T> | null {
  const before = tokens.length - fault.index;
  let best: Mend<T> | null = null;
  let bestGain = 0;
  if (budget.left <= 0) return null;
  for (const change of cuts(parser.text, tokens, fault)) {
    if (budget.left <= 0) break;
    const changed = applyChange(parser.text, tokens, change);
    const attempt = parser.attempt(rule, changed);
    spend(budget, changed, attempt.fault);
    if (attempt.fault === null) return { change, tokens: changed, attempt };
    const gain = before - (changed.length - attempt.fault.index);
    if (gain <= bestGain) continue;
    bestGain = gain;
    best = { change, tokens: changed, attempt };
  }
  return best;
}

function* cuts(text: string, tokens: readonly Token[], fault: Fault): Generator<Change> {
  const index = Math.min(fault.index, tokens.length);
  yield* lineCuts(text, tokens, index);
  for (const opening of openBefore(tokens, index).reverse()) {
    const closing = partnerOf(tokens, opening);
    const content = { at: opening + 1, count: closing - opening - 1 };
    if (tokens[opening]?.tokenType === LBrace) {
      const { start, end } = entryAround(text, tokens, { opening, closing, index });
      const entry = { at: start, count: end - start };
      for (const stead of steads(tokens, start)) yield { kind: "cut", ...entry, stead };
    } else {
      yield { kind: "cut", ...content, stead: [Hole] };
    }
    yield { kind: "cut", ...content, stead: [] };
  }
  yield* headCuts(tokens);
}

/** Lines often are entries, and if brackets lack partners they are all there is to go by. */
function* lineCuts(text: string, tokens: readonly Token[], index: number): Generator<Change> {
  const lines = linesOf(text, tokens);
  const number = lines.findLastIndex(({ first }) => first <= index);
  for (const line of [lines[number], lines[number - 1]]) {
    if (line === undefined || line.first === 0) continue;
    const count = line.last - line.first + 1;
    for (const stead of steads(tokens, line.first))
      yield { kind: "cut", at: line.first, count, stead };
  }
}

/** What may stand for an entry: first what keeps its name, then nothing. */
function* steads(tokens: readonly Token[], start: number): Generator<(TokenKind | Token)[]> {
  const [first, second, third] = tokens.slice(start, start + 3);
  if (first === undefined) return;
  const named = second?.tokenType === Identifier;
  if (named && (first.tokenType === Step || first.tokenType === Let))
    yield [first, second, Equals, Hole];
  if (named && first.tokenType === State) yield [first, second, Colon, Hole, Equals, Hole];
  if (second?.tokenType === Colon) yield [first, second, Hole];
  if (first.tokenType === Text && third !== undefined) yield [first, Colon, Hole];
  yield [Gap];
  yield [];
}

/** The entry of the block that holds the token, as commas and lines divide it. */
function entryAround(
  text: string,
  tokens: readonly Token[],
  { opening, closing, index }: { opening: number; closing: number; index: number },
): { start: number; end: number } {
  const indent = indentOf(text, tokens[opening + 1]?.start ?? 0);
  let start = opening + 1;
  let at = opening + 1;
  while (at < closing) {
    const isStart = at > start && startsEntry(text, tokens, { at, indent });
    if (isStart && at > index) return { start, end: at };
    if (isStart) start = at;
    at =
      closingOf(tokens[at]) === undefined ? at + 1 : Math.min(partnerOf(tokens, at), closing) + 1;
  }
  return { start, end: closing };
}

function startsEntry(
  text: string,
  tokens: readonly Token[],
  { at, indent }: { at: number; indent: number },
): boolean {
  const token = tokens[at];
  const previous = tokens[at - 1]?.tokenType;
  if (token === undefined || token.tokenType === Comma) return false;
  if (previous === Comma) return true;
  const own = indentOf(text, token.start);
  if (indent >= 0 && own >= 0) return own <= indent;
  const next = tokens[at + 1]?.tokenType;
  return (
    next === Colon ||
    token.tokenType === Step ||
    token.tokenType === Let ||
    token.tokenType === Ellipsis
  );
}

/** Keeps the name and the block of a declaration whose head can't be read; failing that, its name alone. */
function* headCuts(tokens: readonly Token[]): Generator<Change> {
  const at = tokens[1]?.tokenType === Identifier || tokens[1]?.tokenType === Text ? 2 : 1;
  const name = at === 2 ? [] : [Identifier];
  const heads = [[], [LParen, RParen], [LParen, RParen, Arrow, Hole], [Equals, Hole]];
  for (const [index, { tokenType }] of tokens.entries()) {
    if (tokenType !== LBrace || index < at) continue;
    for (const head of heads)
      yield { kind: "cut", at, count: index - at, stead: [...name, ...head] };
  }
  const count = tokens.length - at;
  for (const head of heads) {
    yield { kind: "cut", at, count, stead: [...name, ...head, LBrace, RBrace] };
    yield { kind: "cut", at, count, stead: [...name, ...head] };
  }
}
