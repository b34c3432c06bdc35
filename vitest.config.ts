import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

import { CountingReporter } from "./test/reporter/counting-reporter.ts";
import { LongestFirst } from "./test/reporter/longest-first.ts";
import { longSuites } from "./test/reporter/long-suites.ts";

/** What starts processes or servers, or changes what belongs to its process. */
const alone = [
  "cli/completion/shells.test.ts",
  "cli/service/*.test.ts",
  "cli/short-lived.test.ts",
  "runner/grow-heap-slowly.test.ts",
  "runner/kill.test.ts",
  "runner/queue/{bullmq,polling}*.test.ts",
  "runner/store/postgres/{migrate-postgres,postgres-faults}.test.ts",
  "runner/tools/module-tool.test.ts",
  "test/{package,reporter}/*.test.ts",
  "test/docs/{check-document,documents}.test.ts",
  "test/e2e/{cli-*,examples,live-tree}.test.ts",
  "tools/*.test.ts",
  "tools/{build,services}/*.test.ts",
];

const never = ["**/node_modules/**", "**/dist/**", "**/fixtures/**"];
const testTimeout = 60_000;

export default defineConfig({
  test: {
    pool: "forks",
    // Many tests wait for processes, and leave the processors to others.
    maxWorkers: availableParallelism() + 1,
    reporters: [new CountingReporter({ longSuites })],
    // Opens a door; what is behind it starts when the first test file knocks.
    globalSetup: ["tools/services/shared-postgres.ts"],
    sequence: { sequencer: LongestFirst },
    passWithNoTests: false,
    projects: [
      { test: { name: "long", include: [...longSuites], testTimeout } },
      {
        // A process per file: a test that leaks, crashes or exits takes only itself down, and is counted.
        test: { name: "alone", include: alone, exclude: [...never, ...longSuites], testTimeout },
      },
      {
        // Loading the compiler and the runner anew takes longer than most test files, so these share what is loaded.
        test: {
          name: "shared",
          include: ["**/*.test.ts"],
          exclude: [...never, ...longSuites, ...alone],
          isolate: false,
          testTimeout,
        },
      },
    ],
  },
});
