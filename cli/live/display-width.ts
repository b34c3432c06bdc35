import { graphemes } from "../../base/graphemes.ts";

const escape = String.fromCharCode(27);
const ansiPattern = new RegExp(`${escape}\\[[0-9;]*m`, "g");
const ansiAtStart = new RegExp(`^${escape}\\[[0-9;]*m`);

/** Columns that a text takes on a terminal; colour codes take none, emoji and East Asian characters take two. */
export function displayWidth(text: string): number {
  const plain = text.replace(ansiPattern, "");
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const segment of graphemes(plain)) width += segmentWidth(segment);
  return width;
}

/** Cuts at `columns`, keeps colour codes whole and ends them. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = "";
  let width = 0;
  let rest = text;
  let colored = false;
  while (rest !== "") {
    const code = ansiAtStart.exec(rest)?.[0];
    if (code !== undefined) {
      kept += code;
      colored = true;
      rest = rest.slice(code.length);
      continue;
    }
    const segment = firstSegment(rest);
    if (width + segmentWidth(segment) > columns - 1) break;
    kept += segment;
    width += segmentWidth(segment);
    rest = rest.slice(segment.length);
  }
  return `${kept}…${colored ? `${escape}[0m` : ""}`;
}

function firstSegment(text: string): string {
  const plain = text.slice(0, Math.max(1, text.indexOf(escape) < 0 ? 40 : text.indexOf(escape)));
  return graphemes(plain)[0] ?? plain;
}

function segmentWidth(segment: string): number {
  const code = segment.codePointAt(0) ?? 0;
  if (code < 32 || (code >= 0x7f && code < 0xa0) || /^\p{Mark}/u.test(segment)) return 0;
  return isWide(code) || segment.includes("\uFE0F") ? 2 : 1;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}
