import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { compile, renderText } from "../../compiler/index.ts";
import type { CompilerHost } from "../../compiler/index.ts";
import { runTest } from "../../testing/index.ts";
import type { TestPlan } from "../../testing/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { diskHost } from "../project/disk-host.ts";
import { findPrograms } from "../project/find-programs.ts";
import { now } from "../system-clock.ts";
import { jsonReport } from "../test-report/json-report.ts";
import { junitReport } from "../test-report/junit-report.ts";
import { countTests } from "../test-report/tested-file.ts";
import type { TestedFile } from "../test-report/tested-file.ts";
import { textReport } from "../test-report/text-report.ts";
import { UserMistake } from "../user-mistake.ts";

export async function test(invocation: Invocation): Promise<number> {
  if (!invocation.options.on("watch")) return runAll(invocation).exitCode;
  const { repeatOnChange } = await import("../run/repeat-on-change.ts");
  return await repeatOnChange(invocation, async () => runAll(invocation));
}

function runAll(invocation: Invocation): {
  readonly exitCode: number;
  readonly files: readonly string[];
} {
  const { args, options, terminal, environment } = invocation;
  const programs = findPrograms(args, environment.folder);
  const sources = new Set<string>();
  const tested = programs
    .map((file) => testFile(file, invocation, sources))
    .filter((file) => file.results.length > 0 || file.broken !== null);
  const filter = options.text("filter");
  const counts = countTests(tested);
  if (filter !== undefined && counts.passed + counts.failed + counts.broken === 0) {
    throw new UserMistake(`no test's title contains \`${filter}\``);
  }
  switch (options.on("json") ? "json" : (options.text("reporter") ?? "text")) {
    case "json":
      terminal.out(jsonReport(tested));
      break;
    case "junit":
      terminal.out(junitReport(tested));
      break;
    default:
      terminal.out(textReport(tested, terminal.outColors));
  }
  const files = [...sources].map((file) => resolve(environment.folder, file));
  return { exitCode: counts.failed + counts.broken === 0 ? exitCodes.ok : exitCodes.failed, files };
}

function testFile(
  file: string,
  { args, options, terminal, environment }: Invocation,
  sources: Set<string>,
): TestedFile {
  const startedMs = now();
  // A file without a test that nobody has named is not compiled: its mistakes are for `check`.
  if (!isNamed(file, args, environment.folder) && !hasTests(resolve(environment.folder, file)))
    return { file, results: [], broken: null, tookMs: 0 };
  const host: CompilerHost = diskHost(environment.folder);
  const compiled = compile(host, file);
  for (const name of compiled.sources.keys()) if (!name.startsWith("std/")) sources.add(name);
  const errors = compiled.diagnostics.filter(({ severity }) => severity === "error");
  const color = terminal.outColors.isColorSupported;
  const broken =
    errors.length === 0
      ? null
      : renderText(errors, compiled.sources, { color, width: terminal.outColumns() ?? 100 });
  const filter = options.text("filter")?.toLowerCase() ?? "";
  const chosen =
    broken === null
      ? compiled.tests.filter(({ title }) => title.toLowerCase().includes(filter))
      : [];
  const results = chosen.map((plan) =>
    runTest(plan, { readReplay: (path) => readReplay(path, plan, environment.folder) }),
  );
  return { file, results, broken, tookMs: now() - startedMs };
}

function isNamed(file: string, words: readonly string[], folder: string): boolean {
  return words.some((word) => resolve(folder, word) === resolve(folder, file));
}

function hasTests(path: string): boolean {
  return /\btest\s*"/.test(readFileSync(path, "utf8"));
}

function readReplay(path: string, { file }: TestPlan, folder: string): string | null {
  try {
    return readFileSync(resolve(folder, dirname(file), path), "utf8");
  } catch {
    return null;
  }
}
