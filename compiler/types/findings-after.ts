import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import { mentions, moved } from "../diagnostics/move.ts";
import type { BlockChange } from "../names/changed-block.ts";
import type { ParseResult } from "../syntax/parse-result.ts";

export interface Texts {
  readonly old: ParseResult;
  readonly now: ParseResult;
  readonly change: BlockChange;
}

/**
 * What is said of a file after a change in one declaration: about that one what was found in it now, about all others what
 * was said before. Null if the two can't be told apart.
 */
export function findingsAfter(
  before: readonly Diagnostic[],
  now: readonly Diagnostic[],
  { old, now: text, change }: Texts,
): readonly Diagnostic[] | null {
  const { file } = text;
  const [one, other] = [old, text].map(({ tree }) => tree.declarations[change.index]);
  if (one === undefined || other === undefined || !("block" in one) || one.block === null)
    return null;
  const { block } = one;
  const isInside = ({ start, end }: Span): boolean => end > block.start && start < block.end;
  const findings: Diagnostic[] = [];
  for (const diagnostic of before) {
    const { span } = diagnostic;
    if (span.file !== file) return null;
    if (span.start >= one.start && span.end <= one.end) continue;
    if (mentions(diagnostic, (place) => place.file === file && isInside(place))) return null;
    findings.push(moved(diagnostic, { file, from: change.oldEnd, by: change.shift }));
  }
  for (const diagnostic of now) {
    const { span } = diagnostic;
    if (span.file !== file) return null;
    // What others need for this check is reported for them, too.
    if (span.start >= other.start && span.end <= other.end) findings.push(diagnostic);
  }
  return findings;
}
