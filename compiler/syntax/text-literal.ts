import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { BraceFinder } from "./brace-finder.ts";
import { isBlank, isLineBreak } from "./characters.ts";
import type { DiagnosticList } from "./diagnostic-list.ts";
import { interpolationEnd } from "./scan-text.ts";
import type { Token } from "./tokens.ts";
import type { Expression, Interpolation, StringLiteral, TextPart } from "./tree.ts";

/** An interpolation that is still to be parsed; `place` takes the expression. */
export interface OpenInterpolation {
  readonly start: number;
  readonly end: number;
  readonly place: (expression: Expression) => void;
}

export interface TextSink {
  readonly file: string;
  readonly text: string;
  readonly braces: BraceFinder;
  readonly diagnostics: DiagnosticList;
  readonly interpolations: OpenInterpolation[];
}

/** Turns a text token into its node: escapes resolved, common indentation removed, interpolations opened. */
export function textLiteral(sink: TextSink, token: Token): StringLiteral {
  const { text } = sink;
  const { start, end } = token;
  if (
    !token.hasInterpolation &&
    text.charCodeAt(start) === 34 &&
    text.charCodeAt(start + 1) !== 34
  ) {
    const closed = end - start > 1 && text.charCodeAt(end - 1) === 34;
    const content = text.slice(start + 1, closed ? end - 1 : end);
    if (!content.includes("\\")) {
      const part: TextPart = {
        kind: "text",
        start: start + 1,
        end: start + 1 + content.length,
        text: content,
      };
      return { kind: "string", start, end, quote: '"', parts: [part] };
    }
  }
  return cook(sink, token);
}

function cook(sink: TextSink, token: Token): StringLiteral {
  const { start, end } = token;
  const frame = frameOf(sink.text, token);
  const parts: (TextPart | Interpolation)[] = [];
  const writer = new PartWriter(sink, frame, parts);
  writer.run();
  return { kind: "string", start, end, quote: frame.isBlock ? '"""' : '"', parts };
}

/** What lies between the quotes, and how its lines are indented. */
interface Frame {
  readonly start: number;
  readonly end: number;
  /** Spread over lines: the indentation all lines share is no part of the text. */
  readonly isBlock: boolean;
  readonly indent: number;
  /** The quote as written; the quotes of other languages have their own escapes. */
  readonly quote: string;
}

function frameOf(text: string, { start, end }: Token): Frame {
  const sign = text.charAt(start);
  if (text.startsWith('"""', start)) {
    const closed =
      end - start >= 6 && text.endsWith('"""', end) && text.slice(end - 3, end) === '"""';
    return blockFrame(text, { start: start + 3, end: closed ? end - 3 : end, quote: '"""' });
  }
  const closed = end - start > 1 && text.charAt(end - 1) === sign;
  const inner = { start: start + 1, end: closed ? end - 1 : end, quote: sign };
  if (sign === "`" && /[\r\n]/.test(text.slice(inner.start, inner.end)))
    return blockFrame(text, inner);
  return { ...inner, isBlock: false, indent: 0 };
}

function blockFrame(text: string, inner: { start: number; end: number; quote: string }): Frame {
  let { start, end } = inner;
  const opening = /^[ \t]*(\r\n|\r|\n)/.exec(text.slice(start, end));
  if (opening !== null) start += opening[0].length;
  const closing = /(\r\n|\r|\n)[ \t]*$/.exec(text.slice(start, end));
  if (closing !== null) end -= closing[0].length;
  else if (text.slice(start, end).trim() === "" && opening !== null) end = start;
  const lines = text.slice(start, end).split(/\r\n|\r|\n/);
  const indents = lines
    // Behind `"""` text starts in the middle of a line; a text in foreign quotes is moved to a line of its own.
    .slice(opening === null && inner.quote !== "`" ? 1 : 0)
    .filter((line) => line.trim() !== "")
    .map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0);
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return { start, end, isBlock: true, indent, quote: inner.quote };
}

class PartWriter {
  readonly #sink: TextSink;
  readonly #frame: Frame;
  readonly #parts: (TextPart | Interpolation)[];
  #written = "";
  #partStart: number;
  #offset: number;

  constructor(sink: TextSink, frame: Frame, parts: (TextPart | Interpolation)[]) {
    this.#sink = sink;
    this.#frame = frame;
    this.#parts = parts;
    this.#offset = frame.start;
    this.#partStart = frame.start;
  }

  run(): void {
    const { text } = this.#sink;
    const { end, isBlock, quote } = this.#frame;
    if (isBlock && (quote === "`" || isAfterLineBreak(text, this.#offset))) this.#skipIndent();
    while (this.#offset < end) {
      const code = text.charCodeAt(this.#offset);
      if (code === 92) this.#escape();
      else if (code === 36 && text.charCodeAt(this.#offset + 1) === 123) this.#interpolate();
      else if (isLineBreak(code)) this.#breakLine();
      else this.#copy();
    }
    this.#flush(end);
  }

  #copy(): void {
    const { text } = this.#sink;
    const { end } = this.#frame;
    const start = this.#offset;
    let stop = start + 1;
    while (stop < end) {
      const code = text.charCodeAt(stop);
      if (code === 92 || code === 36 || code === 10 || code === 13) break;
      stop += 1;
    }
    this.#written += text.slice(start, stop);
    this.#offset = stop;
  }

  #breakLine(): void {
    const { text } = this.#sink;
    this.#offset += text.startsWith("\r\n", this.#offset) ? 2 : 1;
    this.#written += "\n";
    this.#skipIndent();
  }

  /** Skips the common indentation; of a line of blanks alone nothing stays. */
  #skipIndent(): void {
    const { text } = this.#sink;
    const { end, indent } = this.#frame;
    let stop = this.#offset;
    while (stop < end && isBlank(text.charCodeAt(stop))) stop += 1;
    const isEmpty = stop >= end || isLineBreak(text.charCodeAt(stop));
    this.#offset = isEmpty ? stop : Math.min(stop, this.#offset + indent);
  }

  #escape(): void {
    const { text } = this.#sink;
    const start = this.#offset;
    const sign = text.charAt(start + 1);
    const simple = simpleEscapes.get(sign);
    if (simple !== undefined || (sign === this.#frame.quote && sign !== "")) {
      this.#written += simple ?? sign;
      this.#offset = start + 2;
      return;
    }
    const unicode = /^\\u\{([0-9A-Fa-f]{1,6})\}/.exec(
      text.slice(start, Math.min(start + 10, this.#frame.end)),
    );
    const code = Number.parseInt(unicode?.[1] ?? "", 16);
    if (unicode !== null && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)) {
      this.#written += String.fromCodePoint(code);
      this.#offset = start + unicode[0].length;
      return;
    }
    this.#reportEscape(
      start,
      unicode?.[0] ?? text.slice(start, Math.min(start + 2, this.#frame.end)),
    );
    this.#written += sign;
    this.#offset = Math.min(start + 2, this.#frame.end);
  }

  #reportEscape(start: number, written: string): void {
    const { file, diagnostics } = this.#sink;
    if (diagnostics.isFull) return;
    const isUnicode = written.startsWith("\\u");
    const shown = /^\\[\x21-\x7e]/.test(written) ? `\`${written}\`` : "this backslash";
    diagnostics.push({
      code: "AF1003",
      severity: "error",
      message: isUnicode
        ? `\`${written}\` names no character: write \`\\u{1F600}\` with one to six hexadecimal digits`
        : `${shown} is no escape`,
      span: { file, start, end: start + written.length },
      help: 'the escapes are `\\"`, `\\\\`, `\\n`, `\\t`, `\\$` and `\\u{1F600}`; a backslash itself is `\\\\`',
      fixes: [
        {
          title: "write the backslash as `\\\\`",
          edits: [{ span: { file, start, end: start + 1 }, text: "\\\\" }],
          safe: false,
        },
      ],
    });
  }

  #interpolate(): void {
    const { file, text, braces, diagnostics, interpolations } = this.#sink;
    const { end, isBlock } = this.#frame;
    const start = this.#offset;
    const stop = interpolationEnd(text, start, { end, overLines: isBlock, braces });
    if (stop === start + 2) {
      diagnostics.push(unclosedInterpolation(file, start));
      this.#written += "${";
      this.#offset = stop;
      return;
    }
    this.#flush(start);
    const part = {
      kind: "interpolation" as const,
      start,
      end: stop,
      expression: missing(start + 2, stop - 1),
    };
    this.#parts.push(part);
    if (text.slice(start + 2, stop).includes("${"))
      diagnostics.push(nestedInterpolation(file, start, stop));
    else
      interpolations.push({
        start: start + 2,
        end: stop - 1,
        place: (expression) => {
          part.expression = expression;
        },
      });
    this.#offset = stop;
    this.#partStart = stop;
  }

  #flush(end: number): void {
    if (this.#written === "") return;
    this.#parts.push({ kind: "text", start: this.#partStart, end, text: this.#written });
    this.#written = "";
  }
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["n", "\n"],
  ["t", "\t"],
  ["$", "$"],
]);

function isAfterLineBreak(text: string, offset: number): boolean {
  return offset > 0 && isLineBreak(text.charCodeAt(offset - 1));
}

function missing(start: number, end: number): Expression {
  return { kind: "errorExpression", start, end };
}

function unclosedInterpolation(file: string, start: number): Diagnostic {
  return {
    code: "AF1004",
    severity: "error",
    message: "this `${` is not closed with `}`",
    span: { file, start, end: start + 2 },
    help: "write `${name}` to insert a value, or `\\${` for the characters themselves; a value between the braces holds no `}` and no line break",
  };
}

function nestedInterpolation(file: string, start: number, end: number): Diagnostic {
  return {
    code: "AF1004",
    severity: "error",
    message: "a text inside `${ }` cannot hold another `${ }`",
    span: { file, start, end },
    help: "give the inner text a name with `let`, and write that name between the braces",
  };
}
