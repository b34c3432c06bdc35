import { closingOf, linesOf, openingOf } from "./brackets.ts";
import type { Line } from "./brackets.ts";
import type { Change } from "./change.ts";
import type { Token } from "./tokens.ts";

/**
 * Changes that may mend brackets without partners, the likeliest first. People indent what stands between brackets;
 * so a line that is not indented enough shows where a bracket was forgotten.
 */
export function bracketChanges(text: string, tokens: readonly Token[]): Change[] {
  const lines = linesOf(text, tokens);
  return [...byIndentation(tokens, lines), ...withinLines(tokens, lines)];
}

interface Opening {
  readonly index: number;
  readonly indent: number;
}

/** Brackets at the ends of lines belong to brackets at the starts of lines that are indented the same. */
function byIndentation(tokens: readonly Token[], lines: readonly Line[]): Change[] {
  const changes: Change[] = [];
  const open: Opening[] = [];
  for (const [number, line] of lines.entries()) {
    const first = tokens[line.first];
    const closes = openingOf(first) !== undefined;
    while (open.length > 0 && (open.at(-1)?.indent ?? 0) > line.indent) missingClose(changes, tokens, { opening: open.pop(), at: line.first });
    const partner = open.at(-1);
    if (partner !== undefined && partner.indent === line.indent) {
      open.pop();
      if (!closes) missingClose(changes, tokens, { opening: partner, at: line.first });
      else if (closingOf(tokens[partner.index]) !== first?.tokenType) {
        changes.push(...mismatched(tokens, { opening: partner.index, closing: line.first }));
      }
    } else if (closes) {
      const opener = openingOf(first);
      const header = headerOf(lines, number);
      if (header !== null && opener !== undefined) {
        changes.push({ kind: "insert", at: header.last + 1, what: opener });
      }
      changes.push({ kind: "remove", at: line.first });
    }
    if (closingOf(tokens[line.last]) !== undefined) open.push({ index: line.last, indent: line.indent });
  }
  for (const opening of open.reverse()) missingClose(changes, tokens, { opening, at: tokens.length });
  return changes;
}

function missingClose(
  changes: Change[],
  tokens: readonly Token[],
  { opening, at }: { opening: Opening | undefined; at: number },
): void {
  const what = closingOf(tokens[opening?.index ?? -1]);
  if (what === undefined) return;
  changes.push({ kind: "insert", at, what, ownLine: true });
  if (opening !== undefined) changes.push({ kind: "remove", at: opening.index });
}

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
function withinLines(tokens: readonly Token[], lines: readonly Line[]): Change[] {
  const changes: Change[] = [];
  for (const line of lines) {
    const open: number[] = [];
    for (let index = line.first; index <= line.last; index += 1) {
      const token = tokens[index];
      if (closingOf(token) !== undefined) open.push(index);
      else if (openingOf(token) !== undefined) closeWithin(changes, tokens, { open, index });
    }
    for (const index of open.reverse()) {
      const what = closingOf(tokens[index]);
      if (what === undefined) continue;
      changes.push({ kind: "insert", at: line.last + 1, what });
      const trailing = tokens[line.last]?.tokenType.name;
      if (index !== line.last && (trailing === "LBrace" || trailing === "Comma")) {
        changes.push({ kind: "insert", at: line.last, what });
      }
      changes.push({ kind: "remove", at: index });
    }
  }
  return changes;
}

function closeWithin(
  changes: Change[],
  tokens: readonly Token[],
  { open, index }: { open: number[]; index: number },
): void {
  const opening = open.at(-1);
  if (opening === undefined) {
    changes.push({ kind: "remove", at: index });
    return;
  }
  open.pop();
  const expected = closingOf(tokens[opening]);
  if (expected === tokens[index]?.tokenType || expected === undefined) return;
  changes.push({ kind: "insert", at: index, what: expected });
  changes.push(...mismatched(tokens, { opening, closing: index }));
  changes.push({ kind: "remove", at: index });
}
