import type { Diagnostic, Span } from "./diagnostic.ts";

/** Everything in a file from one offset on has moved. */
export interface Move {
  readonly file: string;
  readonly from: number;
  readonly by: number;
}

/** What was said of a text before a change, with its places after it. */
export function moved(diagnostic: Diagnostic, move: Move): Diagnostic {
  const { related, fixes } = diagnostic;
  return {
    ...diagnostic,
    span: movedSpan(diagnostic.span, move),
    ...(related === undefined ? {} : { related: related.map((label) => at(label, move)) }),
    ...(fixes === undefined
      ? {}
      : {
          fixes: fixes.map((fix) => ({ ...fix, edits: fix.edits.map((edit) => at(edit, move)) })),
        }),
  };
}

function at<T extends { readonly span: Span }>(part: T, move: Move): T {
  return { ...part, span: movedSpan(part.span, move) };
}

function movedSpan(span: Span, { file, from, by }: Move): Span {
  return span.file === file && span.start >= from
    ? { file, start: span.start + by, end: span.end + by }
    : span;
}

/** True if it mentions such a place. */
export function mentions(
  { span, related = [], fixes = [] }: Diagnostic,
  isSuch: (span: Span) => boolean,
): boolean {
  return (
    isSuch(span) ||
    related.some((label) => isSuch(label.span)) ||
    fixes.some(({ edits }) => edits.some((edit) => isSuch(edit.span)))
  );
}
