import { graphemes } from "../../base/graphemes.ts";
import { displayWidth } from "./display-width.ts";

/** One character as a person sees it, and the columns it takes in a terminal. */
export interface Cell {
  /** Offset into the source text. */
  readonly offset: number;
  readonly text: string;
  readonly column: number;
  readonly width: number;
}

/** A line of source as it is printed: tabs expanded, nothing in it that a terminal would obey. */
export interface DisplayLine {
  readonly cells: readonly Cell[];
  readonly width: number;
  /** First column of the character at or behind an offset, counted from 0. */
  columnOf(offset: number): number;
}

const tabWidth = 4;

export function displayLine(text: string, firstOffset: number): DisplayLine {
  const cells: Cell[] = [];
  let column = 0;
  let offset = firstOffset;
  for (const segment of graphemes(text)) {
    const shown = printable(segment);
    const width =
      segment === "\t" ? tabWidth - (column % tabWidth) : Math.max(1, displayWidth(shown));
    const cell = segment === "\t" ? " ".repeat(width) : shown;
    cells.push({ offset, text: cell, column, width });
    column += width;
    offset += segment.length;
  }
  return {
    cells,
    width: column,
    columnOf: (offset) => {
      // An offset inside a character, such as between surrogates, counts as the character's start.
      const next = cells.findIndex((cell) => cell.offset > offset);
      const cell = next < 0 ? cells.at(-1) : cells[next - 1];
      if (cell === undefined) return 0;
      return next < 0 && offset >= firstOffset + text.length ? column : cell.column;
    },
  };
}

/**
 * Source text may hold escape sequences or marks that reverse the direction of what follows; printing them
 * would let a program forge the compiler's words. Controls become their visible pictures (U+2400 block).
 */
function printable(grapheme: string): string {
  const unit = grapheme.charCodeAt(0);
  if (unit < 0x20) return String.fromCharCode(0x2400 + unit);
  if (unit === 0x7f) return "\u2421";
  const forging = /[\u0080-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;
  return forging.test(grapheme) ? "\ufffd" : grapheme;
}
