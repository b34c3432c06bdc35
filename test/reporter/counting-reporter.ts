import type { SerializedError } from "vitest";
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from "vitest/node";

import { printFailure, printTally } from "./test-tally.ts";
import type { TestError, TestFailure, TestTally } from "./test-tally.ts";

/** Modules slower than this are named, in milliseconds, because slow tests are run less often. */
const slowMs = 5_000;

export interface CountingReporterOptions {
  /** Test files that a run of some projects names when it leaves them out. */
  readonly longSuites?: readonly string[];
  readonly write?: (line: string) => void;
}

/**
 * Prints failures where they happen and, as the very last line, `N passed, N failed`. A file that can't be
 * loaded, a hook that fails, a test that never ended and an error outside every test count as failed.
 */
export class CountingReporter implements Reporter {
  readonly #write: (line: string) => void;
  readonly #longSuites: readonly string[];
  #root = "";
  #isPart = false;
  #tally: TestTally = { passed: 0, failed: 0, skipped: 0 };
  #failedTitles: string[] = [];

  constructor({ longSuites = [], write = writeLine }: CountingReporterOptions = {}) {
    this.#longSuites = longSuites;
    this.#write = write;
  }

  onInit(vitest: Pick<Vitest, "config">): void {
    this.#root = vitest.config.root;
    this.#isPart = vitest.config.project.length > 0;
  }

  onTestRunStart(): void {
    this.#tally = { passed: 0, failed: 0, skipped: 0 };
    this.#failedTitles = [];
  }

  onTestModuleEnd(module: TestModule): void {
    const failures = failuresOf(module, this.#tally);
    for (const failure of failures) {
      this.#write(printFailure(failure, this.#root));
      this.#failedTitles.push(failure.title);
    }
    const { duration } = module.diagnostic();
    if (duration > slowMs)
      this.#write(`slow: ${module.relativeModuleId} ${Math.round(duration)}ms`);
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: "passed" | "failed" | "interrupted",
  ): void {
    for (const error of unhandled) {
      const failure = { title: "an error outside every test", errors: [errorOf(error)] };
      this.#write(printFailure(failure, this.#root));
      this.#failedTitles.push(failure.title);
      this.#tally.failed += 1;
    }
    if (reason !== "passed" && this.#tally.failed === 0) {
      this.#write(`✗ the run of ${modules.length} files ended early: ${reason}`);
      this.#tally.failed += 1;
    }
    if (this.#failedTitles.length > 1) {
      this.#write(["", "Failed:", ...this.#failedTitles.map((title) => `  ${title}`)].join("\n"));
    }
    const left = this.#isPart ? this.#leftOut(modules) : [];
    if (left.length > 0) this.#write(`left to \`npm test\`: ${left.join(", ")}`);
    this.#write(printTally(this.#tally));
  }

  #leftOut(modules: readonly TestModule[]): readonly string[] {
    const run = new Set(modules.map(({ relativeModuleId }) => relativeModuleId));
    return this.#longSuites.filter((file) => !run.has(file));
  }
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Adds a module's outcomes to the tally and gives its failures in source order. */
function failuresOf(module: TestModule, tally: TestTally): TestFailure[] {
  const failures: TestFailure[] = [];
  const fail = (names: readonly string[], errors: readonly SerializedError[]): void => {
    tally.failed += 1;
    const title = [module.relativeModuleId, ...names].join(" > ");
    failures.push({ title, errors: errors.map(errorOf) });
  };
  if (module.errors().length > 0) fail([], module.errors());
  for (const suite of module.children.allSuites()) {
    if (suite.errors().length > 0) fail(namesOf(suite), suite.errors());
  }
  for (const test of module.children.allTests()) countTest(test, tally, fail);
  return failures;
}

function countTest(
  test: TestCase,
  tally: TestTally,
  fail: (names: readonly string[], errors: readonly SerializedError[]) => void,
): void {
  const result = test.result();
  switch (result.state) {
    case "passed":
      tally.passed += 1;
      return;
    case "skipped":
      tally.skipped += 1;
      return;
    case "failed":
      fail(namesOf(test), result.errors);
      return;
    case "pending":
      fail(namesOf(test), [{ message: "the test did not end" }]);
  }
}

function namesOf(task: TestCase | TestSuite): string[] {
  return task.fullName.split(" > ");
}

function errorOf(error: SerializedError): TestError {
  const diff: unknown = error["diff"];
  return {
    name: error.name,
    message: error.message,
    diff: typeof diff === "string" ? diff : undefined,
    stack: error.stack,
  };
}
