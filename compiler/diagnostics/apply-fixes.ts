import type { Diagnostic, Edit, Fix } from "./diagnostic.ts";

export interface FixedSources {
  /** Only the files that changed. */
  readonly changed: ReadonlyMap<string, string>;
  readonly applied: readonly Fix[];
  /** Safe fixes that touch the same text as an applied one: check again, then apply those that are left. */
  readonly postponed: readonly Fix[];
}

/**
 * Applies the first safe fix of each diagnostic. A fix is applied as a whole or not at all, and never
 * beside another that changes the same characters, because its author saw the text as it was.
 */
export function applyFixes(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
): FixedSources {
  const applied: Fix[] = [];
  const postponed: Fix[] = [];
  const taken = new Map<string, Edit[]>();
  for (const diagnostic of diagnostics) {
    const fix = diagnostic.fixes?.find(({ safe }) => safe);
    if (fix === undefined || !fix.edits.every((edit) => isInside(edit, sources))) continue;
    if (fix.edits.some((edit) => meetsAny(edit, taken.get(edit.span.file) ?? []))) {
      postponed.push(fix);
      continue;
    }
    applied.push(fix);
    for (const edit of fix.edits) {
      const edits = taken.get(edit.span.file) ?? [];
      edits.splice(indexBehind(edits, edit.span.start), 0, edit);
      taken.set(edit.span.file, edits);
    }
  }
  const changed = new Map<string, string>();
  for (const [file, edits] of taken) changed.set(file, applyEdits(sources.get(file) ?? "", edits));
  return { changed, applied, postponed };
}

/** The text with all edits made; they may come in any order but must not overlap. Spans count in the old text. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let position = 0;
  const inOrder = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  for (const { span, text: inserted } of inOrder) {
    result += text.slice(position, span.start) + inserted;
    position = span.end;
  }
  return result + text.slice(position);
}

function isInside({ span }: Edit, sources: ReadonlyMap<string, string>): boolean {
  const length = sources.get(span.file)?.length ?? -1;
  return span.start >= 0 && span.start <= span.end && span.end <= length;
}

/** `taken` is in order and its edits do not meet each other, so only the two neighbours have to be looked at. */
function meetsAny(edit: Edit, taken: readonly Edit[]): boolean {
  const index = indexBehind(taken, edit.span.start);
  return [taken[index - 1], taken[index]].some((other) => other !== undefined && meet(edit, other));
}

/** Index of the first edit that starts behind an offset. */
function indexBehind(edits: readonly Edit[], offset: number): number {
  let low = 0;
  let high = edits.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edits[middle]?.span.start ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Two insertions at one place meet too: nobody says which comes first. */
function meet({ span: a }: Edit, { span: b }: Edit): boolean {
  if (a.start === b.start) return true;
  return a.start < b.end && b.start < a.end;
}
