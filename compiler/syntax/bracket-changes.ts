import { closingOf, linesOf, openingOf } from "./brackets.ts";
import type { Line } from "./brackets.ts";
import type { Change, Side } from "./change.ts";
import {
  Arrow,
  Colon,
  Comma,
  Dot,
  Else,
  Equals,
  FatArrow,
  Hole,
  Identifier,
  LBrace,
  Let,
  LParen,
  Question,
  QuestionDot,
  Step,
} from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

/**
 * Changes that may mend brackets without partners, the likeliest first. People indent what stands between brackets;
 * so a line that is not indented enough shows where a bracket was forgotten.
 */
export function bracketChanges(text: string, tokens: readonly Token[]): Change[] {
  const lines = linesOf(text, tokens);
  const paired = new Set<number>();
  return [...byIndentation(tokens, lines, paired), ...withinLines(tokens, lines, paired)];
}

interface Opening {
  readonly index: number;
  readonly indent: number;
}

/**
 * Brackets at the ends of lines belong to brackets at the starts of lines that are indented the same. Those that do
 * are added to `paired`.
 */
function byIndentation(
  tokens: readonly Token[],
  lines: readonly Line[],
  paired: Set<number>,
): Change[] {
  const changes: Change[] = [];
  const open: Opening[] = [];
  for (const [number, line] of lines.entries()) {
    const first = tokens[line.first];
    const closes = openingOf(first) !== undefined;
    if (first?.tokenType === Arrow && tokens[open.at(-1)?.index ?? -1]?.tokenType === LParen) {
      missingClose(changes, tokens, { opening: open.pop(), at: line.first });
    } else if (first?.tokenType === Else && closingOf(tokens[line.last]) !== undefined) {
      missingClose(changes, tokens, { opening: open.pop(), at: line.first });
      open.push({ index: line.last, indent: open.at(-1)?.indent ?? line.indent });
      continue;
    }
    while (open.length > 0 && (open.at(-1)?.indent ?? 0) > line.indent)
      missingClose(changes, tokens, { opening: open.pop(), at: line.first });
    const partner = open.at(-1);
    if (partner !== undefined && partner.indent === line.indent) {
      open.pop();
      const second = tokens[line.first + 1];
      if (closingOf(first) !== undefined && closingOf(first) === second?.tokenType) {
        changes.push({ kind: "remove", at: line.first });
      }
      const closer = closingOf(tokens[partner.index]);
      if (!closes && line.first === line.last && closer !== undefined) {
        changes.push({ kind: "replace", at: line.first, what: closer });
      }
      if (!closes) missingClose(changes, tokens, { opening: partner, at: line.first });
      else if (closingOf(tokens[partner.index]) === first?.tokenType) {
        paired.add(partner.index).add(line.first);
      } else changes.push(...mismatched(tokens, { opening: partner.index, closing: line.first }));
    } else if (closes) {
      const opener = openingOf(first);
      const header = headerOf(lines, number);
      const remove = { kind: "remove" as const, at: line.first };
      // What closes a block stands alone on its line.
      if (line.last > line.first) changes.push(remove);
      if (header !== null && opener !== undefined) {
        changes.push({ kind: "insert", at: header.last + 1, what: opener });
        changes.push({ kind: "replace", at: header.last, what: opener });
      }
      changes.push(remove);
      const isNamed = tokens[line.first + 1]?.tokenType === Identifier;
      if (isNamed)
        for (const what of [Step, Let]) changes.push({ kind: "replace", at: line.first, what });
    }
    if (closingOf(tokens[line.last]) !== undefined)
      open.push({ index: line.last, indent: line.indent });
  }
  for (const opening of open.reverse())
    missingClose(changes, tokens, { opening, at: tokens.length });
  return changes;
}

function missingClose(
  changes: Change[],
  tokens: readonly Token[],
  { opening, at }: { opening: Opening | undefined; at: number },
): void {
  const what = closingOf(tokens[opening?.index ?? -1]);
  if (what === undefined) return;
  changes.push({ kind: "insert", at, what, side: sideOf(tokens, { opening, at }) });
  if (opening !== undefined) changes.push({ kind: "remove", at: opening.index });
}

/** What is missing before `else` or `->` stands on the line of these. */
function sideOf(
  tokens: readonly Token[],
  { opening, at }: { opening: Opening | undefined; at: number },
): Side {
  if (at === (opening?.index ?? -1) + 1) return "behind";
  const next = tokens[at];
  return next !== undefined && continuing.has(next.tokenType) ? "before" : "own line";
}

const continuing: ReadonlySet<TokenKind> = new Set([Else, Arrow, Comma, Dot, QuestionDot]);

function mismatched(
  tokens: readonly Token[],
  { opening, closing }: { opening: number; closing: number },
): Change[] {
  const opener = openingOf(tokens[closing]);
  const closer = closingOf(tokens[opening]);
  if (opener === undefined || closer === undefined) return [];
  return [
    { kind: "replace", at: closing, what: closer },
    { kind: "replace", at: opening, what: opener },
  ];
}

/** The line that should have opened what this line closes: the last one above that is indented the same. */
function headerOf(lines: readonly Line[], number: number): Line | null {
  const indent = lines[number]?.indent ?? 0;
  for (let above = number - 1; above >= 0; above -= 1) {
    const line = lines[above];
    if (line === undefined || line.indent < indent) return null;
    if (line.indent === indent) return line;
  }
  return null;
}

/** Brackets that find no partner on their own line, where they could have one. */
function withinLines(
  tokens: readonly Token[],
  lines: readonly Line[],
  paired: ReadonlySet<number>,
): Change[] {
  const changes: Change[] = [];
  for (const line of lines) {
    const open: number[] = [];
    for (let index = line.first; index <= line.last; index += 1) {
      if (paired.has(index)) continue;
      if (closingOf(tokens[index]) !== undefined) open.push(index);
      else if (openingOf(tokens[index]) !== undefined)
        closeWithin(changes, tokens, { open, index, line });
    }
    for (const index of open.reverse()) {
      const what = closingOf(tokens[index]);
      if (what === undefined) continue;
      changes.push({ kind: "insert", at: line.last + 1, what });
      const last = tokens[line.last]?.tokenType;
      if (index !== line.last && (last === LBrace || last === Comma)) {
        changes.push({ kind: "insert", at: line.last, what });
      }
      changes.push({ kind: "remove", at: index }, { kind: "replace", at: index, what: Hole });
      for (const sign of [Colon, Equals, Comma, Question, FatArrow]) {
        changes.push({ kind: "replace", at: index, what: sign });
      }
    }
  }
  return changes;
}

function closeWithin(
  changes: Change[],
  tokens: readonly Token[],
  { open, index, line }: { open: number[]; index: number; line: Line },
): void {
  const opening = open.pop();
  if (opening === undefined) {
    changes.push(...openWithin(tokens, { from: line.first, closing: index }));
    changes.push({ kind: "remove", at: index }, { kind: "replace", at: index, what: Hole });
    return;
  }
  const expected = closingOf(tokens[opening]);
  if (expected === tokens[index]?.tokenType || expected === undefined) return;
  changes.push({ kind: "insert", at: index, what: expected });
  changes.push(...openWithin(tokens, { from: opening + 1, closing: index }));
  changes.push(...mismatched(tokens, { opening, closing: index }));
  changes.push({ kind: "remove", at: index });
}

/** Places on the line where the bracket may be missing that the one at `closing` closes. */
function openWithin(
  tokens: readonly Token[],
  { from, closing }: { from: number; closing: number },
): Change[] {
  const what = openingOf(tokens[closing]);
  if (what === undefined) return [];
  const changes: Change[] = [];
  for (let at = from + 1; at < closing; at += 1) {
    const previous = tokens[at - 1];
    const isPlace =
      previous?.tokenType === Identifier ||
      previous?.tokenType === Colon ||
      previous?.tokenType === Equals ||
      previous?.tokenType === Comma ||
      closingOf(previous) !== undefined ||
      openingOf(previous) !== undefined ||
      (previous !== undefined && previous.image !== "") ||
      tokens[at]?.tokenType === Arrow;
    if (isPlace) changes.push({ kind: "insert", at, what });
  }
  return [...changes, { kind: "insert", at: from, what, side: "before" }];
}
