/** A place as editors and people count: both from 0, `column` in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Converts between offsets and lines of one text. Lines end with `\n`, `\r\n` or `\r`; the line break
 * belongs to the line it ends.
 */
export class LineMap {
  readonly #text: string;
  /** Found when they are first asked for: most texts have no fault whose line anybody wants to know. */
  #found: readonly number[] | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  get #starts(): readonly number[] {
    this.#found ??= lineStarts(this.#text);
    return this.#found;
  }

  /** At least 1: an empty text is one empty line. */
  get lineCount(): number {
    return this.#starts.length;
  }

  /** An offset outside the text counts as the nearest one inside. */
  positionAt(offset: number): Position {
    const inside = clamp(offset, 0, this.#text.length);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= inside) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: inside - (this.#starts[low] ?? 0) };
  }

  /** A column behind the end of its line counts as the start of the next; outside lines as the ends of the text. */
  offsetAt({ line, column }: Position): number {
    if (line < 0) return 0;
    if (line >= this.#starts.length) return this.#text.length;
    const start = this.lineStart(line);
    return clamp(start + column, start, this.lineStart(line + 1));
  }

  /** Offset of the first character of a line, counted from 0; the length of the text behind the last. */
  lineStart(line: number): number {
    return this.#starts[line] ?? this.#text.length;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let offset = 0; offset < text.length; offset += 1) {
    const code = text.charCodeAt(offset);
    if (code === 10 || (code === 13 && text.charCodeAt(offset + 1) !== 10)) {
      starts.push(offset + 1);
    }
  }
  return starts;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
