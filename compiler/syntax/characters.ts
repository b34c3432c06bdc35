/** Classes of characters by their UTF-16 code, for the scanner. */

const wordStart = 1;
const wordPart = 2;
const digit = 4;

const classes = new Uint8Array(128);
for (let code = 48; code <= 57; code += 1) classes[code] = wordPart | digit;
for (let code = 65; code <= 90; code += 1)
  classes[code] = classes[code + 32] = wordStart | wordPart;
classes[95] = wordStart | wordPart;

export function isWordStart(code: number): boolean {
  return code < 128 && ((classes[code] ?? 0) & wordStart) !== 0;
}

export function isWordPart(code: number): boolean {
  return code < 128 && ((classes[code] ?? 0) & wordPart) !== 0;
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isLineBreak(code: number): boolean {
  return code === 10 || code === 13;
}

export function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** The end of the line that holds the offset, before its line break; at most `end`. */
export function lineEnd(text: string, offset: number, end: number): number {
  let stop = offset;
  while (stop < end && !isLineBreak(text.charCodeAt(stop))) stop += 1;
  return stop;
}

/** The start of the line that holds the offset. */
export function lineStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !isLineBreak(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

/** The column of an offset if only blanks stand before it on its line, else -1. */
export function indentOf(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && isBlank(text.charCodeAt(start - 1))) start -= 1;
  return start === 0 || isLineBreak(text.charCodeAt(start - 1)) ? offset - start : -1;
}
