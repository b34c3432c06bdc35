import type { Edit, Span } from "../diagnostics/diagnostic.ts";
import type { ParseResult } from "../syntax/parse-result.ts";
import { format } from "./format.ts";

/**
 * The edits that bring the lines of a stretch into canonical form and leave all others as they are; none if
 * the file cannot be formatted. The stretch grows to whole groups of changed lines, since half of a change
 * would mean something else.
 */
export function formatRange(result: ParseResult, range: Omit<Span, "file">): readonly Edit[] {
  const canonical = format(result);
  if (canonical === null || canonical === result.text) return [];
  const hunks = differences(linesOf(result.text), linesOf(canonical));
  return hunks
    .filter((hunk) => touches(hunk, range))
    .map(({ start, end, text }) => ({ span: { file: result.file, start, end }, text }));
}

/** Neighbours do not touch, but an empty stretch touches what it stands in or beside. */
function touches(a: Omit<Span, "file">, b: Omit<Span, "file">): boolean {
  const isEmpty = a.start === a.end || b.start === b.end;
  const from = Math.max(a.start, b.start);
  const to = Math.min(a.end, b.end);
  return isEmpty ? from <= to : from < to;
}

/** Lines with their line breaks; nothing is lost when they are joined. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}

interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** How far ahead equal lines are looked for, after which both sides are taken to be in step again. */
const horizon = 200;

/**
 * Groups of lines that differ. Formatting keeps the order of everything, so walking both sides and looking
 * for the next equal lines finds short groups without comparing every line to every other.
 */
function differences(old: readonly string[], fresh: readonly string[]): Hunk[] {
  const hunks: Hunk[] = [];
  let [left, right, offset] = [0, 0, 0];
  while (left < old.length || right < fresh.length) {
    if (left < old.length && old[left] === fresh[right]) {
      offset += old[left]?.length ?? 0;
      left += 1;
      right += 1;
      continue;
    }
    const next = nextEqual(old, fresh, { left, right });
    const removed = old.slice(left, next.left).join("");
    const text = fresh.slice(right, next.right).join("");
    hunks.push({ start: offset, end: offset + removed.length, text });
    offset += removed.length;
    [left, right] = [next.left, next.right];
  }
  return hunks;
}

function nextEqual(
  old: readonly string[],
  fresh: readonly string[],
  from: { readonly left: number; readonly right: number },
): { left: number; right: number } {
  for (let distance = 1; distance <= 2 * horizon; distance += 1) {
    for (
      let ahead = Math.max(0, distance - horizon);
      ahead <= Math.min(distance, horizon);
      ahead += 1
    ) {
      const [left, right] = [from.left + ahead, from.right + distance - ahead];
      const line = old[left];
      // A line that says little, such as `}`, is found everywhere.
      if (line !== undefined && line === fresh[right] && line.trim().length > 2)
        return { left, right };
    }
  }
  return { left: old.length, right: fresh.length };
}
