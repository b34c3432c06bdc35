import type { ParseResult } from "../syntax/parse-result.ts";
import type { Block, Declaration } from "../syntax/tree.ts";
import { fileFacts } from "./file-facts.ts";

/** The one part in which two texts of a file differ. */
export interface BlockChange {
  /** Of the declaration in whose block it lies; -1 if the texts are the same. */
  readonly index: number;
  /** What differs begins here in both texts, and ends there in the old one. */
  readonly start: number;
  readonly oldEnd: number;
  /** How far everything behind it has moved. */
  readonly shift: number;
}

/** Nobody in another declaration looks between the braces of these, but for what is exported. */
const closed: ReadonlySet<Declaration["kind"]> = new Set(["agent", "tool", "flow", "test"]);

/**
 * Where two texts of a file differ, if that is between the braces of one declaration, and all that others can see of it is
 * the same: then all others are the same, but for their places. Syntax faults may stand there, too, but nowhere else.
 */
export function changedBlock(old: ParseResult, now: ParseResult): BlockChange | null {
  if (last?.old !== old || last.now !== now) last = { old, now, change: compare(old, now) };
  return last.change;
}

/** Several ask for the same two, one after the other. */
let last: { old: ParseResult; now: ParseResult; change: BlockChange | null } | undefined;

function compare(old: ParseResult, now: ParseResult): BlockChange | null {
  const [before, after] = [old.tree.declarations, now.tree.declarations];
  if (before.length !== after.length || old.tree.imports.length !== now.tree.imports.length)
    return null;
  const { start, oldEnd } = difference(old.text, now.text);
  const shift = now.text.length - old.text.length;
  if (shift === 0 && start === oldEnd) return { index: -1, start, oldEnd, shift };
  const index = before.findIndex((declaration) => start < declaration.end);
  const [one, other] = [blockOf(before[index]), blockOf(after[index])];
  if (one === null || other === null || start <= one.start || oldEnd >= one.end) return null;
  if (other.start !== one.start || other.end !== one.end + shift) return null;
  for (const [at, declaration] of before.entries()) {
    const same = after[at];
    const moved = at > index ? shift : 0;
    if (same?.kind !== declaration.kind || same.start !== declaration.start + moved) return null;
  }
  if (!isOnlyIn(one, old) || !isOnlyIn(other, now)) return null;
  if (fileFacts(old).exportedText !== fileFacts(now).exportedText) return null;
  return endsItsLine(now, index) ? { index, start, oldEnd, shift } : null;
}

function isOnlyIn(block: Block, { diagnostics }: ParseResult): boolean {
  return diagnostics.every(({ span }) => span.start > block.start && span.end < block.end);
}

/** Some advice counts columns. */
function endsItsLine({ text, tree }: ParseResult, index: number): boolean {
  const [node, next] = [tree.declarations[index], tree.declarations[index + 1]];
  return (
    node === undefined || next === undefined || text.slice(node.end, next.start).includes("\n")
  );
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
  return declaration !== undefined && closed.has(declaration.kind) && "block" in declaration
    ? declaration.block
    : null;
}
