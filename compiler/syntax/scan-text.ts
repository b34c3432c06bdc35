import type { Span } from "../diagnostics/diagnostic.ts";
import { isBlank, isLineBreak, lineEnd, lineStart } from "./characters.ts";
import type { BraceFinder } from "./brace-finder.ts";
import type { Scanner } from "./scanner.ts";
import { dropStrayText, isStrayClose } from "./stray-text.ts";
import { Text, Token, Unknown } from "./tokens.ts";

const doubleQuote = 34;
const backslash = 92;
const dollar = 36;
const openBrace = 123;
const closeBrace = 125;

/** Reads a text: `"…"`, `"""…"""`, or with the quotes of another language, `'…'` and `` `…` ``. */
export function scanText(scanner: Scanner, quote: number): void {
  const { text, position: start } = scanner;
  if (quote !== doubleQuote) scanForeignQuotes(scanner, quote);
  else if (text.startsWith('"""', start) && start + 3 <= scanner.end) scanBlock(scanner);
  else scanLine(scanner);
}

function scanLine(scanner: Scanner): void {
  const { position: start } = scanner;
  const found = findClose(scanner, start + 1, { quote: doubleQuote, overLines: false });
  if (found.closed) {
    pushText(scanner, found);
    return;
  }
  const stop = unclosedEnd(scanner, start, found.stop);
  reportUnclosed(scanner, { start, stop, quote: '"' });
  pushText(scanner, { ...found, stop });
}

function scanBlock(scanner: Scanner): void {
  const { position: start } = scanner;
  if (isStrayClose(scanner)) {
    dropStrayText(scanner);
    return;
  }
  const found = findBlockClose(scanner, start + 3);
  if (!found.closed || isNextOpening(scanner, { start, close: found.stop - 3 })) {
    found.stop = blockEnd(scanner, start);
    reportUnclosed(scanner, { start, stop: found.stop, quote: '"""' });
  }
  pushText(scanner, found);
}

/**
 * Is the `"""` that was found rather the opening one of the next text? Then it stands behind a key, and the lines
 * before it have long left the indentation of this text.
 */
function isNextOpening(
  scanner: Scanner,
  { start, close }: { start: number; close: number },
): boolean {
  const { text } = scanner;
  const before = text.slice(Math.max(start + 3, close - longestKey), close);
  const key = /[\r\n][ \t]*(\w+[ \t]*:|[^\r\n]*[=(,[])[ \t]*$/.exec(before);
  return key !== null && blockEnd(scanner, start) < close - before.length + key.index;
}

/** `'…'` on one line, `` `…` `` over lines too; without a partner the quote is just a character. */
function scanForeignQuotes(scanner: Scanner, quote: number): void {
  const { file, text, position: start, end } = scanner;
  const sign = String.fromCharCode(quote);
  const found = findClose(scanner, start + 1, { quote, overLines: sign === "`" });
  if (found.closed) {
    pushText(scanner, found);
    return;
  }
  const line = lineEnd(text, start, end);
  const isApostrophe = sign === "'" && /^\w*[^\w]*$/.test(text.slice(start + 1, line)) === false;
  const stop = isApostrophe ? unclosedEnd(scanner, start, line) : start + 1;
  scanner.diagnostics.push({
    code: "AF1001",
    severity: "error",
    message: `this \`${sign}\` opens a text that is never closed`,
    span: { file, start, end: stop },
    help: 'text stands between `"` quotes',
  });
  scanner.push(new Token(isApostrophe ? Text : Unknown, start, stop, ""));
}

interface Found {
  stop: number;
  closed: boolean;
  hasInterpolation: boolean;
}

function pushText(scanner: Scanner, { stop, hasInterpolation }: Found): void {
  const token = new Token(Text, scanner.position, stop, "");
  token.hasInterpolation = hasInterpolation;
  scanner.push(token);
}

function findClose(
  scanner: Scanner,
  from: number,
  { quote, overLines }: { quote: number; overLines: boolean },
): Found {
  const { text, end } = scanner;
  let hasInterpolation = false;
  let offset = from;
  while (offset < end) {
    const code = text.charCodeAt(offset);
    if (code === quote) return { stop: offset + 1, closed: true, hasInterpolation };
    if (!overLines && isLineBreak(code)) break;
    if (code === backslash && !isLineBreak(text.charCodeAt(offset + 1))) offset += 2;
    else if (code === dollar && text.charCodeAt(offset + 1) === openBrace) {
      hasInterpolation = true;
      offset = interpolationEnd(text, offset, { end, overLines, braces: scanner.braces });
    } else offset += 1;
  }
  return { stop: Math.min(offset, end), closed: false, hasInterpolation };
}

function findBlockClose(scanner: Scanner, from: number): Found {
  const { text, end } = scanner;
  let hasInterpolation = false;
  let offset = from;
  while (offset < end) {
    const code = text.charCodeAt(offset);
    if (code === doubleQuote && text.startsWith('"""', offset) && offset + 3 <= end) {
      return { stop: offset + 3, closed: true, hasInterpolation };
    }
    if (code === backslash) offset += 2;
    else if (code === dollar && text.charCodeAt(offset + 1) === openBrace) {
      hasInterpolation = true;
      offset = interpolationEnd(text, offset, { end, overLines: true, braces: scanner.braces });
    } else offset += 1;
  }
  return { stop: end, closed: false, hasInterpolation };
}

/** In characters, with its indentation. */
const longestKey = 200;

/** In characters. Without a limit each `${` that is never closed would cost a look at all the rest of the text. */
const longestInterpolation = 2_000;

/**
 * Where the text goes on behind `${…}`. If the braces hold no expression that ends, only the `${` is skipped,
 * so that a forgotten `}` does not swallow the closing quote.
 */
export function interpolationEnd(
  text: string,
  start: number,
  { end, overLines, braces }: { end: number; overLines: boolean; braces: BraceFinder },
): number {
  let insideText = false;
  const limit = Math.min(end, start + longestInterpolation);
  if (braces.next(start + 2) >= limit) {
    const isText = text.charCodeAt(start + 2) === doubleQuote;
    return isText && braces.next(start + 2) < end ? nestedEnd(text, start, end) : start + 2;
  }
  for (let offset = start + 2; offset < limit; offset += 1) {
    const code = text.charCodeAt(offset);
    if (code === closeBrace) return insideText ? nestedEnd(text, start, end) : offset + 1;
    if (isLineBreak(code) && (!overLines || insideText)) return start + 2;
    if (code === doubleQuote) {
      if (overLines && text.startsWith('"""', offset)) return start + 2;
      insideText = !insideText;
    } else if (code === backslash && insideText) offset += 1;
  }
  return start + 2;
}

/** In characters, for the whole of what is nested. */
const longestNested = 20_000;

/**
 * Where `${ "… ${x} …" }` ends, which is no value: the text inside holds braces of its own. It is read as one piece, so that
 * it is one fault. Without such a text inside, only the `${` is skipped.
 */
function nestedEnd(text: string, start: number, end: number): number {
  const limit = Math.min(end, start + longestNested);
  const open: ("value" | "text")[] = ["value"];
  let isNested = false;
  for (let offset = start + 2; offset < limit; offset += 1) {
    const code = text.charCodeAt(offset);
    if (isLineBreak(code)) break;
    const isText = open.at(-1) === "text";
    if (isText && code === backslash) offset += 1;
    else if (code === doubleQuote) {
      if (isText) open.pop();
      else open.push("text");
    } else if (isText && code === dollar && text.charCodeAt(offset + 1) === openBrace) {
      isNested = true;
      open.push("value");
      offset += 1;
    } else if (!isText && code === closeBrace) {
      open.pop();
      if (open.length === 0) return isNested ? offset + 1 : start + 2;
    }
  }
  return start + 2;
}

/**
 * Where a text without closing quote ends: at the end of its line, but before the brackets there that close
 * what was opened on this line, since they were hardly meant as text.
 */
function unclosedEnd(scanner: Scanner, start: number, lineStop: number): number {
  const { text, tokens } = scanner;
  const from = lineStart(text, start);
  const open: string[] = [];
  let index = tokens.length;
  while (index > 0 && (tokens[index - 1]?.start ?? 0) >= from) index -= 1;
  for (const token of tokens.slice(index)) {
    const sign = token.end - token.start === 1 ? text.charAt(token.start) : "";
    if ("{([".includes(sign) && sign !== "") open.push(sign);
    else if ("})]".includes(sign) && sign !== "") open.pop();
  }
  let stop = lineStop;
  const partners: Readonly<Record<string, string>> = { "}": "{", ")": "(", "]": "[" };
  for (let offset = lineStop - 1; offset > start; offset -= 1) {
    const sign = text.charAt(offset);
    if (sign in partners && open.includes(partners[sign] ?? "")) {
      open.splice(open.lastIndexOf(partners[sign] ?? ""), 1);
      stop = offset;
    } else if (!isBlank(text.charCodeAt(offset)) && !(sign === "," && offset === stop - 1)) break;
    else if (sign === ",") stop = offset;
  }
  while (stop > start + 1 && isBlank(text.charCodeAt(stop - 1))) stop -= 1;
  return stop;
}

/** Where a `"""` text without its end stops: before the next line that is indented less than its own lines. */
function blockEnd(scanner: Scanner, start: number): number {
  const { text, end } = scanner;
  const head = lineEnd(text, start, end);
  const own = indentAt(text, lineStart(text, start));
  let stop = head;
  let line = head;
  while (line < end) {
    const next = line + (text.startsWith("\r\n", line) ? 2 : 1);
    const nextStop = lineEnd(text, next, end);
    const isEmpty = text.slice(next, nextStop).trim() === "";
    if (!isEmpty && indentAt(text, next) <= own) break;
    if (!isEmpty) stop = nextStop;
    line = nextStop;
  }
  return stop;
}

function indentAt(text: string, start: number): number {
  let offset = start;
  while (isBlank(text.charCodeAt(offset))) offset += 1;
  return offset - start;
}

function reportUnclosed(
  { file, text, diagnostics }: Scanner,
  { start, stop, quote }: { start: number; stop: number; quote: '"' | '"""' },
): void {
  const span: Span = { file, start, end: quote === '"' ? stop : start + 3 };
  const at: Span = { file, start: stop, end: stop };
  const isBlock = quote === '"""';
  const closing = isBlock ? `\n${" ".repeat(indentAt(text, lineStart(text, start)) + 2)}"""` : '"';
  diagnostics.push({
    code: "AF1001",
    severity: "error",
    message: isBlock
      ? 'this text is never closed with `"""`'
      : "this text is not closed before its line ends",
    span,
    label: "the text starts here",
    help: isBlock
      ? 'close it with `"""` behind its last line'
      : 'close it with `"`; text over several lines stands between `"""` and `"""`',
    fixes: [
      { title: `close it with \`${quote}\``, edits: [{ span: at, text: closing }], safe: false },
    ],
  });
}
