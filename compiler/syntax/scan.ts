import { BraceFinder } from "./brace-finder.ts";
import { isDigit, isWordPart, isWordStart } from "./characters.ts";
import { DiagnosticList } from "./diagnostic-list.ts";
import { scanComment } from "./scan-comment.ts";
import type { CommentSink } from "./scan-comment.ts";
import { scanNumber } from "./scan-number.ts";
import { scanPunctuation } from "./scan-punctuation.ts";
import { scanText } from "./scan-text.ts";
import { badCharacters, foreignName } from "./scan-unknown.ts";
import { Identifier, Token, Unknown, wordKinds } from "./tokens.ts";
import type { Comment, Doc } from "./tree.ts";

export interface ScanResult {
  readonly tokens: Token[];
  readonly comments: Comment[];
  /** In order; each that a token carries is this same object. */
  readonly docs: Doc[];
  readonly diagnostics: DiagnosticList;
}

export interface ScanRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Splits a text, or the part of it that an interpolation holds, into tokens and comments. Gives tokens for
 * any text whatever: what means nothing becomes `Unknown` tokens and a diagnostic.
 */
export function scan(file: string, text: string, range?: ScanRange): ScanResult {
  const scanner = new Scanner(file, text, range ?? { start: 0, end: text.length });
  scanner.run();
  return scanner;
}

/** The state of one scan. Where `position` stands, all before is done. */
export class Scanner implements ScanResult, CommentSink {
  readonly file: string;
  readonly text: string;
  readonly end: number;
  readonly tokens: Token[] = [];
  readonly comments: Comment[] = [];
  readonly docs: Doc[] = [];
  readonly diagnostics = new DiagnosticList();
  /** The doc comment that waits for the token it documents. */
  pendingDoc: Doc | null = null;
  position: number;
  readonly braces: BraceFinder;

  constructor(file: string, text: string, range: ScanRange) {
    this.file = file;
    this.text = text;
    this.position = range.start;
    this.end = range.end;
    this.braces = new BraceFinder(text);
  }

  run(): void {
    const { text, end } = this;
    if (text.charCodeAt(this.position) === 0xfeff) this.position += 1;
    while (this.position < end) {
      const code = text.charCodeAt(this.position);
      if (code === 32 || code === 10 || code === 13 || code === 9) this.position += 1;
      else if (isWordStart(code)) this.#scanWord();
      else if (isDigit(code) || code === 36) scanNumber(this, code);
      else if (code === 34 || code === 39 || code === 96) scanText(this, code);
      else if (code === 47 && this.#startsComment()) scanComment(this);
      else if (!scanPunctuation(this, code)) this.#scanUnknown(code);
    }
  }

  push(token: Token): void {
    if (this.pendingDoc !== null) {
      token.doc = this.pendingDoc;
      this.pendingDoc = null;
    }
    this.tokens.push(token);
    this.position = token.end;
  }

  #scanWord(): void {
    const { text, end, position: start } = this;
    let stop = start + 1;
    while (stop < end && isWordPart(text.charCodeAt(stop))) stop += 1;
    if (stop < end && text.charCodeAt(stop) > 127 && foreignName(this, start)) return;
    const word = text.slice(start, stop);
    this.push(new Token(wordKinds.get(word) ?? Identifier, start, stop, word));
  }

  #startsComment(): boolean {
    const next = this.text.charCodeAt(this.position + 1);
    return this.position + 1 < this.end && (next === 47 || next === 42);
  }

  #scanUnknown(code: number): void {
    if (code === 35) {
      scanComment(this);
      return;
    }
    if (code > 127 && foreignName(this, this.position)) return;
    const stop = badCharacters(this);
    this.push(new Token(Unknown, this.position, stop, ""));
  }
}
