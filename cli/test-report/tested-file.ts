import type { TestResult } from "../../testing/index.ts";

/** The tests of one file, or why they could not be run. */
export interface TestedFile {
  readonly file: string;
  readonly results: readonly TestResult[];
  /** Diagnostics of a file that does not compile, ready to print; null when it does. */
  readonly broken: string | null;
  /** Real milliseconds. */
  readonly tookMs: number;
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  /** Files that do not compile. */
  readonly broken: number;
}

export function countTests(files: readonly TestedFile[]): TestCounts {
  const results = files.flatMap((file) => file.results);
  const failed = results.filter(({ passed }) => !passed).length;
  return {
    passed: results.length - failed,
    failed,
    broken: files.filter(({ broken }) => broken !== null).length,
  };
}
