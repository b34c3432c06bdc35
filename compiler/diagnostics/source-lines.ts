/** Where an offset lies, both counted from 1; columns are UTF-16 code units, as editors and SARIF count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A text cut into lines, so that offsets can be shown to people. */
export interface SourceLines {
  readonly text: string;
  readonly count: number;
  position(offset: number): Position;
  /** Offset of the line's first character. Lines are counted from 1. */
  start(line: number): number;
  /** Offset behind the line's last character, before its line break. */
  end(line: number): number;
}

export function sourceLines(text: string): SourceLines {
  const starts = lineStarts(text);
  const start = (line: number): number => starts[line - 1] ?? text.length;
  return {
    text,
    count: starts.length,
    start,
    position(offset) {
      const inside = Math.max(0, Math.min(offset, text.length));
      const line = lastAtMost(starts, inside) + 1;
      return { line, column: inside - start(line) + 1 };
    },
    end(line) {
      const next = line < starts.length ? start(line + 1) : text.length;
      let end = next;
      while (end > start(line) && isBreak(text.charCodeAt(end - 1))) end -= 1;
      return end;
    },
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

function isBreak(unit: number): boolean {
  return unit === 10 || unit === 13;
}

function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? Infinity) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
