import { defineConfig } from "vitest/config";

import { CountingReporter } from "./test/reporter/counting-reporter.ts";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/fixtures/**"],
    // A process per file: a test that leaks, crashes or exits takes only itself down, and is counted.
    pool: "forks",
    maxWorkers: 2,
    reporters: [new CountingReporter()],
    passWithNoTests: false,
    testTimeout: 20_000,
  },
});
