import type { ParseResult } from "../syntax/parse-result.ts";
import type { Block, Declaration } from "../syntax/tree.ts";

/** The one part in which two texts of a file differ. */
export interface BlockChange {
  /** Of the declaration in whose block it lies. */
  readonly index: number;
  /** What differs begins here in both texts, and ends there in the old one. */
  readonly start: number;
  readonly oldEnd: number;
  /** How far everything behind it has moved. */
  readonly shift: number;
}

/**
 * Where two texts without syntax errors differ, if that is between the braces of one declaration: all others are then the
 * same, but for their places. Null if they differ elsewhere, or in several declarations.
 */
export function changedBlock(old: ParseResult, now: ParseResult): BlockChange | null {
  if (old.diagnostics.length > 0 || now.diagnostics.length > 0) return null;
  const [before, after] = [old.tree.declarations, now.tree.declarations];
  if (before.length !== after.length || old.tree.imports.length !== now.tree.imports.length)
    return null;
  const { start, oldEnd } = difference(old.text, now.text);
  const shift = now.text.length - old.text.length;
  const index = before.findIndex((declaration) => start < declaration.end);
  const [one, other] = [blockOf(before[index]), blockOf(after[index])];
  if (one === null || other === null) return null;
  if (start <= one.start || oldEnd >= one.end) return null;
  for (const [at, declaration] of before.entries()) {
    const same = after[at];
    const moved = at > index ? shift : 0;
    if (same?.kind !== declaration.kind || same.start !== declaration.start + moved) return null;
  }
  return other.start === one.start && other.end === one.end + shift
    ? { index, start, oldEnd, shift }
    : null;
}

/** The smallest part without which the texts are the same. */
function difference(old: string, now: string): { readonly start: number; readonly oldEnd: number } {
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old.charCodeAt(start) === now.charCodeAt(start)) start += 1;
  let same = 0;
  while (
    same < shorter - start &&
    old.charCodeAt(old.length - 1 - same) === now.charCodeAt(now.length - 1 - same)
  )
    same += 1;
  return { start, oldEnd: old.length - same };
}

function blockOf(declaration: Declaration | undefined): Block | null {
  return declaration !== undefined && "block" in declaration ? declaration.block : null;
}
