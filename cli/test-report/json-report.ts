import { countTests } from "./tested-file.ts";
import type { TestedFile } from "./tested-file.ts";

/** `{ passed, failed, broken, files: [{ file, diagnostics, tests: [{ title, line, passed, failures, runs }] }] }`. */
export function jsonReport(files: readonly TestedFile[]): string {
  const documents = files.map(({ file, results, broken, tookMs }) => ({
    file,
    tookMs: Math.round(tookMs),
    diagnostics: broken,
    tests: results.map(({ title, line, passed, failures, runs, virtualMs }) => ({
      title,
      line,
      passed,
      virtualMs,
      failures,
      // A test that passed needs no history to be understood.
      runs: runs.map(({ events, ...run }) => (passed ? run : { ...run, events })),
    })),
  }));
  return `${JSON.stringify({ ...countTests(files), files: documents }, null, 2)}\n`;
}
