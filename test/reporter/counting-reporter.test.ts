import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { longSuites } from "./long-suites.ts";
import { printFailure, printTally } from "./test-tally.ts";

const root = join(import.meta.dirname, "../..");

/** Runs vitest with the reporter on one of the fixtures, as `npm test` would. */
function report(...fixtures: string[]): {
  readonly status: number | null;
  readonly lines: string[];
} {
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      "--config",
      join(root, "test/reporter/fixtures/vitest.config.ts"),
      ...fixtures,
    ],
    { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );
  return { status, lines: stdout.trimEnd().split("\n") };
}

test("everything that should have passed and did not is counted, and explained", () => {
  const { status, lines } = report();
  const said = lines.join("\n");
  expect(status).toBe(1);
  // Failed: two tests, a file that can't be loaded, a hook, and an error outside every test.
  expect(lines.at(-1)).toBe("3 passed, 5 failed, 3 skipped");
  expect(said).toContain("✗ test/reporter/fixtures/outcomes.spec.ts > sums > adds");
  expect(said).toContain("AssertionError: expected 2 to be 3");
  expect(said).toContain("at test/reporter/fixtures/outcomes.spec.ts:5:");
  expect(said).toContain("✗ test/reporter/fixtures/unloadable.spec.ts");
  expect(said).toContain("this file can't be loaded");
  expect(said).toContain("✗ test/reporter/fixtures/hook.spec.ts > with a broken hook");
  expect(said).toContain("✗ an error outside every test");
  expect(said).toContain("nobody waited for this");
});

test("a green run ends with its counts and nothing else", () => {
  const { status, lines } = report("green.spec");
  expect(status).toBe(0);
  expect(lines.at(-1)).toBe("1 passed, 0 failed");
});

test("a run of some projects names the long suites that it leaves out, and a run of all has nothing to name", () => {
  const { lines } = report("green.spec", "--project", "green");
  expect(lines.slice(-2)).toEqual([
    "left to `npm test`: test/reporter/fixtures/red.spec.ts",
    "1 passed, 0 failed",
  ]);
  expect(report("green.spec").lines.join()).not.toContain("left to");
});

test("each long suite is there", () => {
  expect(longSuites.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test("skips are named only when there are some", () => {
  expect(printTally({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
  expect(printTally({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
});

test("a failure shows what, the difference, and our own frames", () => {
  const stack = [
    "Error: no",
    "    at add (file:///repo/base/add.ts:3:1)",
    "    at run (file:///repo/node_modules/vitest/run.js:1:1)",
    "    at node:internal/process:1:1",
  ].join("\n");
  const failure = {
    title: "base/add.test.ts > adds",
    errors: [{ name: "TypeError", message: "no\nreally", diff: "- 1\n+ 2", stack }],
  };
  expect(printFailure(failure, "/repo").split("\n")).toEqual([
    "✗ base/add.test.ts > adds",
    "    TypeError: no",
    "    really",
    "    - 1",
    "    + 2",
    "    at add (base/add.ts:3:1)",
  ]);
});
