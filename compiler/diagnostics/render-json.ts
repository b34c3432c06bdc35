import type { Code } from "./codes.ts";
import type { Diagnostic, Severity, Span } from "./diagnostic.ts";
import { renderText } from "./render-text.ts";
import type { Sources } from "./render-text.ts";
import { sourceLines } from "./source-lines.ts";
import type { SourceLines } from "./source-lines.ts";
import { countDiagnostics } from "./summary.ts";
import type { Counts } from "./summary.ts";

/** What `--format json` prints. Keys may be added, none changes its meaning without a new `version`. */
export interface DiagnosticsDocument {
  readonly version: 1;
  readonly diagnostics: readonly DiagnosticRecord[];
  readonly summary: Counts;
}

export interface DiagnosticRecord {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly label: string | null;
  readonly help: string | null;
  readonly location: Location;
  readonly related: readonly { readonly location: Location; readonly message: string }[];
  readonly fixes: readonly {
    readonly title: string;
    readonly safe: boolean;
    readonly edits: readonly { readonly location: Location; readonly text: string }[];
  }[];
  /** The same diagnostic as plain text with its code frame. */
  readonly rendered: string;
}

export interface Location {
  readonly file: string;
  readonly start: Place;
  /** Exclusive. */
  readonly end: Place;
}

/** `line` and `column` count from 1, `offset` from 0; columns and offsets are UTF-16 code units. */
export interface Place {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

export function diagnosticsDocument(
  diagnostics: readonly Diagnostic[],
  sources: Sources,
): DiagnosticsDocument {
  const locate = locator(sources);
  const records = diagnostics.map((diagnostic): DiagnosticRecord => {
    const { code, severity, message, label = null, help = null } = diagnostic;
    return {
      code,
      severity,
      message,
      label,
      help,
      location: locate(diagnostic.span),
      related: (diagnostic.related ?? []).map((one) => ({
        location: locate(one.span),
        message: one.message,
      })),
      fixes: (diagnostic.fixes ?? []).map(({ title, safe, edits }) => ({
        title,
        safe,
        edits: edits.map(({ span, text }) => ({ location: locate(span), text })),
      })),
      rendered: renderText([diagnostic], sources, { color: false }),
    };
  });
  return { version: 1, diagnostics: records, summary: countDiagnostics(diagnostics) };
}

/** The document as text, two spaces deep, with a final newline. */
export function renderJson(diagnostics: readonly Diagnostic[], sources: Sources): string {
  return `${JSON.stringify(diagnosticsDocument(diagnostics, sources), null, 2)}\n`;
}

/** Turns spans into lines and columns; each file is cut into lines once. */
export function locator(sources: Sources): (span: Span) => Location {
  const cache = new Map<string, SourceLines>();
  const linesOf = (file: string): SourceLines => {
    const known = cache.get(file) ?? sourceLines(sources.get(file) ?? "");
    cache.set(file, known);
    return known;
  };
  return ({ file, start, end }) => {
    const lines = linesOf(file);
    return {
      file,
      start: { offset: start, ...lines.position(start) },
      end: { offset: end, ...lines.position(end) },
    };
  };
}
