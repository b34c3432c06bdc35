import { isDigit, isWordPart, isWordStart } from "./characters.ts";
import type { DiagnosticList } from "./diagnostic-list.ts";
import { scanComment } from "./scan-comment.ts";
import { scanNumber } from "./scan-number.ts";
import { scanPunctuation } from "./scan-punctuation.ts";
import { scanText } from "./scan-text.ts";
import { badCharacters, foreignName } from "./scan-unknown.ts";
import { Scanner } from "./scanner.ts";
import type { ScanRange } from "./scanner.ts";
import { Identifier, Token, Unknown, wordKinds } from "./tokens.ts";
import type { Comment, Doc } from "./tree.ts";

export interface ScanResult {
  readonly tokens: Token[];
  readonly comments: Comment[];
  /** In order; each that a token carries is this same object. */
  readonly docs: Doc[];
  readonly diagnostics: DiagnosticList;
}

/**
 * Splits a text, or the part of it that an interpolation holds, into tokens and comments. Gives tokens for
 * any text whatever: what means nothing becomes `Unknown` tokens and a diagnostic.
 */
export function scan(file: string, text: string, range?: ScanRange): ScanResult {
  const scanner = new Scanner(file, text, range ?? { start: 0, end: text.length });
  if (text.charCodeAt(scanner.position) === 0xfeff) scanner.position += 1;
  while (scanner.position < scanner.end) scanOne(scanner);
  return scanner;
}

function scanOne(scanner: Scanner): void {
  const code = scanner.text.charCodeAt(scanner.position);
  if (code === 32 || code === 10 || code === 13 || code === 9) scanner.position += 1;
  else if (isWordStart(code)) scanWord(scanner);
  else if (isDigit(code) || code === 36) scanNumber(scanner, code);
  else if (code === 34 || code === 39 || code === 96) scanText(scanner, code);
  else if (code === 47 && startsComment(scanner)) scanComment(scanner);
  else if (!scanPunctuation(scanner, code)) scanUnknown(scanner, code);
}

function scanWord(scanner: Scanner): void {
  const { text, end, position: start } = scanner;
  let stop = start + 1;
  while (stop < end && isWordPart(text.charCodeAt(stop))) stop += 1;
  if (stop < end && text.charCodeAt(stop) > 127 && foreignName(scanner, start)) return;
  const word = text.slice(start, stop);
  scanner.push(new Token(wordKinds.get(word) ?? Identifier, start, stop, word));
}

function startsComment({ text, position, end }: Scanner): boolean {
  const next = text.charCodeAt(position + 1);
  return position + 1 < end && (next === 47 || next === 42);
}

function scanUnknown(scanner: Scanner, code: number): void {
  if (code === 35) {
    scanComment(scanner);
    return;
  }
  if (code > 127 && foreignName(scanner, scanner.position)) return;
  const stop = badCharacters(scanner);
  scanner.push(new Token(Unknown, scanner.position, stop, ""));
}
