import { displayWidth } from "./display-width.ts";

/**
 * Breaks a text between words so that no line is wider than `width` columns, unless one word is. Code between
 * backticks counts as one word: what is to be typed should stand in one piece.
 */
export function wrapText(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, width));
}

function wrapLine(line: string, width: number): string[] {
  if (displayWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = "";
  for (const word of wordsOf(line)) {
    const longer = current === "" ? word : `${current} ${word}`;
    if (current !== "" && displayWidth(longer) > width) {
      lines.push(current);
      current = word;
    } else current = longer;
  }
  return [...lines, current];
}

function wordsOf(line: string): string[] {
  // A lead of blanks belongs to the first word: indented lines stay indented.
  return line.match(/^ *(?:`[^`]*`|[^ `]|`)+|(?:`[^`]*`|[^ `]|`)+/g) ?? [line];
}
