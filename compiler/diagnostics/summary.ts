import type { Diagnostic } from "./diagnostic.ts";

export interface Counts {
  readonly errors: number;
  readonly warnings: number;
  /** Files that have at least one diagnostic. */
  readonly files: number;
}

export function countDiagnostics(diagnostics: readonly Diagnostic[]): Counts {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const files = new Set(diagnostics.map(({ span }) => span.file)).size;
  return { errors, warnings: diagnostics.length - errors, files };
}

/** `2 errors, 1 warning in 1 file`; "" when there is nothing to count. */
export function summarize(diagnostics: readonly Diagnostic[]): string {
  const { errors, warnings, files } = countDiagnostics(diagnostics);
  const parts = [plural(errors, "error"), plural(warnings, "warning")].filter(
    (part) => part !== "",
  );
  return parts.length === 0 ? "" : `${parts.join(", ")} in ${plural(files, "file")}`;
}

function plural(count: number, noun: string): string {
  if (count === 0) return "";
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
