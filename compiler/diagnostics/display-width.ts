import { graphemes } from "../../base/graphemes.ts";

/**
 * Columns that a text takes in a terminal: two for East Asian wide characters and emoji (Unicode Standard
 * Annex 11), none for marks that join the character before them.
 */
export function displayWidth(text: string): number {
  let width = 0;
  for (const cluster of graphemes(text)) width += clusterWidth(cluster);
  return width;
}

function clusterWidth(cluster: string): number {
  // U+FE0F asks for the emoji picture of a character that also has a text form.
  if (/\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u.test(cluster)) return 2;
  for (const character of cluster) {
    if (isMark(character)) continue;
    return isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  }
  return 0;
}

function isMark(character: string): boolean {
  return /^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character);
}

/** The blocks whose characters are wide or full-width. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1b000, 0x1b2ff],
  [0x1f200, 0x1f2ff],
  [0x20000, 0x3fffd],
];

function isWide(codePoint: number): boolean {
  return codePoint >= 0x1100 && wide.some(([from, to]) => codePoint >= from && codePoint <= to);
}
