// `.ci/run` is trusted to say no. Here it runs in an empty folder, with an `npm` that does as it is told.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agentflow-ci-"));
  mkdirSync(join(folder, ".ci"));
  cpSync(join(import.meta.dirname, "../.ci/run"), join(folder, ".ci/run"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs it with an npm whose `npm test`, or whose script of a name, runs a line of shell. */
function ci(
  lines: Readonly<Record<string, string>>,
  ...args: readonly string[]
): {
  readonly status: number | null;
  readonly last: string | undefined;
  readonly said: string;
} {
  const cases = Object.entries(lines).map(([name, line]) => `  *"${name}") ${line} ;;`);
  const npm = ["#!/bin/sh", "echo npm $* >> calls", 'case "$*" in', ...cases, "esac", ""].join(
    "\n",
  );
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/npm"), npm);
  chmodSync(join(folder, "bin/npm"), 0o755);
  const { status, stdout } = spawnSync("bash", [join(folder, ".ci/run"), ...args], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"]}` },
  });
  return { status, last: stdout.trimEnd().split("\n").at(-1), said: stdout };
}

test("gates and tests are added up, and a fresh machine installs first", () => {
  const { status, last, said } = ci({ test: "echo 40 passed, 0 failed" });
  expect(last).toBe("48 passed, 0 failed");
  expect(status).toBe(0);
  expect(said).toContain("✓ install");
});

test("what can't be installed is the only failure", () => {
  const { status, last, said } = ci({ ci: "echo no network; exit 1" });
  expect(last).toBe("0 passed, 1 failed");
  expect(status).toBe(1);
  expect(said).toContain("no network");
});

test("an installed machine is left as it is", () => {
  mkdirSync(join(folder, "node_modules"));
  expect(ci({ test: "echo 40 passed, 0 failed, 2 skipped" }).last).toBe(
    "47 passed, 0 failed, 2 skipped",
  );
});

test("a failing gate is shown, counted, and does not hide the others", () => {
  const { status, last, said } = ci({
    lint: "echo a.ts is wrong; exit 3",
    "check:types": "exit 1",
    test: "echo 1 passed, 0 failed",
  });
  expect(last).toBe("7 passed, 2 failed");
  expect(status).toBe(1);
  expect(said).toContain("a.ts is wrong");
  expect(said).toContain("✗ lint: `npm run --silent lint` ended with 3");
});

test("failing tests are counted once", () => {
  const { status, last } = ci({ test: "echo 5 passed, 2 failed; exit 1" });
  expect(last).toBe("13 passed, 2 failed");
  expect(status).toBe(1);
});

test("tests that crash, or say nothing, are a failure", () => {
  expect(ci({ test: "echo 5 passed, 0 failed; exit 139" }).last).toBe("13 passed, 1 failed");
});

test("tests that end well without a count are a failure", () => {
  const { status, last } = ci({ test: "echo no tests found" });
  expect(last).toBe("8 passed, 1 failed");
  expect(status).toBe(1);
});

test("the quick one has the same gates, and leaves the long suites out", () => {
  const { last, said } = ci({ "test:most": "echo left to us; echo 30 passed, 0 failed" }, "quick");
  expect(last).toBe("38 passed, 0 failed");
  expect(said).toContain("left to us");
  expect(said).toContain("✓ lint");
});
