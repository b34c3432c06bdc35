import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** What takes diagnostics; an array does, too. */
export interface DiagnosticSink {
  push(diagnostic: Diagnostic): unknown;
}

/**
 * The most diagnostics that one file gives. A text with more is no program, and nobody reads them; without a limit a
 * file of ten megabytes could give ten million.
 */
export const mostDiagnostics = 1_000;

/** Takes diagnostics up to the limit, and forgets the rest. */
export class DiagnosticList implements DiagnosticSink {
  readonly items: Diagnostic[] = [];

  get isFull(): boolean {
    return this.items.length >= mostDiagnostics;
  }

  push(...diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      if (this.isFull) return;
      this.items.push(diagnostic);
    }
  }
}
