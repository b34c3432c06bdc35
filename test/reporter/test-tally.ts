/** What became of a run of tests. Everything that should have passed and did not counts as failed. */
export interface TestTally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Something that went wrong, in a shape that does not depend on the test runner. */
export interface TestFailure {
  /** File and names from the outside in, as `base/assert.test.ts > a true condition passes`. */
  readonly title: string;
  readonly errors: readonly TestError[];
}

export interface TestError {
  readonly name?: string | undefined;
  readonly message: string;
  /** Expected against received, where the assertion has both. */
  readonly diff?: string | undefined;
  readonly stack?: string | undefined;
}

/** The line that scripts read: `12 passed, 0 failed`, with `, 3 skipped` only when something was skipped. */
export function printTally(tally: TestTally): string {
  const counts = `${tally.passed} passed, ${tally.failed} failed`;
  return tally.skipped === 0 ? counts : `${counts}, ${tally.skipped} skipped`;
}

/** One failure as a paragraph: where, what, the difference, and the stack inside this repository. */
export function printFailure(failure: TestFailure, root: string): string {
  const lines = [`✗ ${failure.title}`];
  for (const error of failure.errors) {
    const name = error.name === undefined || error.name === "Error" ? "" : `${error.name}: `;
    lines.push(...indent(`${name}${error.message}`));
    if (error.diff !== undefined) lines.push(...indent(error.diff));
    lines.push(...ownFrames(error.stack ?? "", root).map((frame) => `    ${frame}`));
  }
  return lines.join("\n");
}

function indent(text: string): string[] {
  return text.split("\n").map((line) => `    ${line}`);
}

function ownFrames(stack: string, root: string): string[] {
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter(
      (line) => line.startsWith("at ") && line.includes(root) && !line.includes("node_modules"),
    )
    .map((line) => line.replaceAll("file://", "").replaceAll(`${root}/`, ""));
}
