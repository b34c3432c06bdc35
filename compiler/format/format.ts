import { applyFixes } from "../diagnostics/apply-fixes.ts";
import type { ParseResult } from "../syntax/parse-result.ts";
import { parse } from "../syntax/parse.ts";
import type { Declaration, Import } from "../syntax/tree.ts";
import { CommentCursor } from "./comment-cursor.ts";
import { concat, suffix } from "./doc.ts";
import { formatDeclaration } from "./format-declaration.ts";
import { piecesOf } from "./format-list.ts";
import type { FormatContext, Piece } from "./format-list.ts";
import { printDoc } from "./print-doc.ts";

/** Columns of a line, as far as it can be broken. */
export const lineWidth = 100;

/**
 * The text in its one canonical form, with habits of other languages rewritten; null if it has other syntax
 * errors, because then nobody knows what was meant. Keeps the tree and every comment, in order. Formatting
 * what was formatted changes nothing.
 */
export function format(result: ParseResult): string | null {
  const clean = withoutHabits(result);
  return clean === null ? null : formatClean(clean);
}

/** Rounds, and characters parsed in them, for mending habits; a file that needs more is no program. */
const mendingLimits = { rounds: 200, characters: 20_000_000 };

/** Applies the fixes of habits in rounds: some stand inside others, and a parse reports a limited number. */
export function withoutHabits(result: ParseResult): ParseResult | null {
  let current = result;
  let work = 0;
  for (let round = 0; round < mendingLimits.rounds; round += 1) {
    if (!current.formattable) return null;
    const habits = current.diagnostics.filter(({ severity }) => severity === "error");
    if (habits.length === 0) return current;
    const sources = new Map([[current.file, current.text]]);
    const fixed = applyFixes(habits, sources).changed.get(current.file);
    if (fixed === undefined || fixed === current.text) return null;
    work += fixed.length;
    if (round > 5 && work > mendingLimits.characters) return null;
    current = parse(current.file, fixed);
  }
  return null;
}

function formatClean(result: ParseResult): string {
  const { text, tokens, tree } = result;
  const context: FormatContext = { text, tokens, comments: new CommentCursor(result) };
  const roots = [...tree.imports, ...tree.declarations].sort((a, b) => a.start - b.start);
  const pieces = piecesOf(context, {
    items: roots,
    end: text.length + 1,
    print: (node) => formatDeclaration(context, node),
  });
  const chunks = chunksOf(pieces, roots);
  return chunks.map(({ text: chunk, blank }) => `${blank ? "\n" : ""}${chunk}\n`).join("");
}

interface Chunk {
  readonly text: string;
  readonly kind: Piece["kind"];
  readonly blank: boolean;
}

/** Each declaration laid out by itself, with the empty lines that belong between them. */
function chunksOf(pieces: readonly Piece[], roots: readonly (Import | Declaration)[]): Chunk[] {
  const chunks: Chunk[] = [];
  let previous: { readonly isLong: boolean; readonly isImport: boolean } | null = null;
  // Where the comments start that stand right before the next declaration.
  let lead = 0;
  let root = 0;
  for (const piece of pieces) {
    const text = print(piece);
    chunks.push({ text, kind: piece.kind, blank: piece.blank && chunks.length > 0 });
    if (piece.kind === "comment") continue;
    const current = { isLong: text.includes("\n"), isImport: roots[root]?.kind === "import" };
    const apart =
      previous !== null &&
      (previous.isLong || current.isLong || previous.isImport !== current.isImport);
    const first = chunks[lead];
    if (apart && first !== undefined) chunks[lead] = { ...first, blank: true };
    previous = current;
    lead = chunks.length;
    root += 1;
  }
  return chunks;
}

function print({ doc, behind }: Piece): string {
  const whole = behind === null ? doc : concat([doc, suffix(` ${behind}`)]);
  return printDoc(whole, { width: lineWidth });
}
