import { isBlank } from "./characters.ts";
import type { DiagnosticSink } from "./diagnostic-list.ts";
import { foreignText } from "./foreign-text.ts";
import { habit } from "./habits.ts";
import {
  Async,
  Await,
  Colon,
  Comma,
  Dot,
  Equals,
  EqualsEquals,
  Export,
  Identifier,
  Interface,
  LBrace,
  LBracket,
  LParen,
  NotEquals,
  Null,
  QuestionDot,
  RBrace,
  RBracket,
  RParen,
  Semicolon,
  Text,
  Token,
  Type,
  Undefined,
} from "./tokens.ts";

interface Source {
  readonly file: string;
  readonly text: string;
}

const suspicious: boolean[] = [];
for (const kind of [
  Semicolon,
  EqualsEquals,
  NotEquals,
  Await,
  Async,
  Export,
  Interface,
  Undefined,
  Text,
]) {
  suspicious[kind.tokenTypeIdx] = true;
}

/**
 * Rewrites the habits that the tokens alone show: `;`, `===`, `await`, foreign quotes, and words of other languages.
 * The rest, such as `=` for `:`, the grammar reads where it stands.
 */
export function readHabits(source: Source, tokens: Token[], diagnostics: DiagnosticSink): Token[] {
  if (!tokens.some((token) => isHabitual(source.text, token))) return tokens;
  const meant: Token[] = [];
  const brackets: number[] = [];
  let doc: Token["doc"] = null;
  for (const [index, token] of tokens.entries()) {
    trackBrackets(brackets, token.tokenTypeIdx);
    const read = isHabitual(source.text, token)
      ? readOne(source, { tokens, index, isInList: isList(brackets.at(-1)) }, diagnostics)
      : token;
    if (read === null) {
      doc ??= token.doc;
      continue;
    }
    if (doc !== null) read.doc ??= doc;
    doc = null;
    meant.push(read);
  }
  return meant;
}

function isHabitual(text: string, { tokenTypeIdx, start, end }: Token): boolean {
  if (suspicious[tokenTypeIdx] !== true) return false;
  if (tokenTypeIdx === Text.tokenTypeIdx) return text.charCodeAt(start) !== 34;
  if (tokenTypeIdx === EqualsEquals.tokenTypeIdx || tokenTypeIdx === NotEquals.tokenTypeIdx) {
    return end - start === 3;
  }
  return true;
}

interface Place {
  readonly tokens: readonly Token[];
  readonly index: number;
  /** Directly between `( )` or `[ ]`. */
  readonly isInList: boolean;
}

/** What the token is meant as; null if it is meant as nothing. */
function readOne({ file, text }: Source, place: Place, diagnostics: DiagnosticSink): Token | null {
  const { tokens, index } = place;
  const token = tokens[index];
  if (token === undefined) return null;
  const next = tokens[index + 1];
  switch (token.tokenTypeIdx) {
    case Semicolon.tokenTypeIdx: {
      const isNeeded = place.isInList && next !== undefined && !isClosing(next.tokenTypeIdx);
      diagnostics.push(habit.semicolon(file, token, isNeeded ? "," : ""));
      return isNeeded ? new Token(Comma, token.start, token.end, "") : null;
    }
    case EqualsEquals.tokenTypeIdx:
    case NotEquals.tokenTypeIdx:
      diagnostics.push(habit.strictEquality(file, token, token.tokenType === NotEquals));
      return token;
    case Text.tokenTypeIdx: {
      const sign = text.charAt(token.start) === "'" ? "'" : "`";
      diagnostics.push(habit.quotes(file, token, { sign, text: foreignText(text, token) }));
      return token;
    }
    default:
      return readWord({ file, text }, place, diagnostics);
  }
}

/** A reserved word of another language, unless it is a key, a field or a name there. */
function readWord({ file, text }: Source, place: Place, diagnostics: DiagnosticSink): Token | null {
  const { tokens, index } = place;
  const token = tokens[index]!;
  const next = tokens[index + 1];
  if (isAnyName(tokens[index - 1], next)) return token;
  switch (token.tokenTypeIdx) {
    case Undefined.tokenTypeIdx:
      diagnostics.push(habit.undefined(file, token));
      return withDoc(new Token(Null, token.start, token.end, "null"), token);
    case Interface.tokenTypeIdx:
      if (next?.tokenType !== Identifier) return token;
      diagnostics.push(habit.interface(file, token));
      return withDoc(new Token(Type, token.start, token.end, "type"), token);
    default: {
      if (
        next === undefined ||
        isClosing(next.tokenTypeIdx) ||
        next.tokenTypeIdx === Comma.tokenTypeIdx
      )
        return token;
      const word = token.image as "await" | "async" | "export";
      let upTo = token.end;
      while (isBlank(text.charCodeAt(upTo))) upTo += 1;
      diagnostics.push(habit.removedWord(file, token, { word, upTo }));
      return null;
    }
  }
}

function isAnyName(previous: Token | undefined, next: Token | undefined): boolean {
  const before = previous?.tokenTypeIdx;
  const after = next?.tokenTypeIdx;
  return (
    before === Dot.tokenTypeIdx ||
    before === QuestionDot.tokenTypeIdx ||
    after === Colon.tokenTypeIdx ||
    after === Equals.tokenTypeIdx
  );
}

function withDoc(meant: Token, written: Token): Token {
  meant.doc = written.doc;
  return meant;
}

function trackBrackets(brackets: number[], kind: number): void {
  if (
    kind === LBrace.tokenTypeIdx ||
    kind === LParen.tokenTypeIdx ||
    kind === LBracket.tokenTypeIdx
  ) {
    brackets.push(kind);
  } else if (isClosing(kind)) brackets.pop();
}

function isList(kind: number | undefined): boolean {
  return kind === LParen.tokenTypeIdx || kind === LBracket.tokenTypeIdx;
}

function isClosing(kind: number): boolean {
  return (
    kind === RBrace.tokenTypeIdx || kind === RParen.tokenTypeIdx || kind === RBracket.tokenTypeIdx
  );
}
