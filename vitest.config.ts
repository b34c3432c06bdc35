import { defineConfig } from "vitest/config";

import { CountingReporter } from "./test/reporter/counting-reporter.ts";

/** Folders whose code is pure, or nearly: it starts no process, opens no socket, and leaves nothing behind. */
const pure = [
  "base",
  "plan",
  "compiler",
  "runner/engine",
  "runner/policy",
  "test/plan",
  "test/corpus",
];
const pureTests = pure.map((folder) => `${folder}/**/*.test.ts`);
const never = ["**/node_modules/**", "**/dist/**", "**/fixtures/**"];

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    reporters: [new CountingReporter()],
    // Opens a door; what is behind it starts when the first test file knocks.
    globalSetup: ["tools/services/shared-postgres.ts"],
    passWithNoTests: false,
    projects: [
      {
        // Loading the compiler anew takes longer than most of its test files, so these share what is loaded.
        test: {
          name: "pure",
          include: pureTests,
          exclude: never,
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        // A process per file: a test that leaks, crashes or exits takes only itself down, and is counted.
        test: {
          name: "world",
          include: ["**/*.test.ts"],
          exclude: [...never, ...pureTests],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
