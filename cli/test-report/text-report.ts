import { formatElapsed } from "../../base/duration.ts";
import type { Json } from "../../plan/expression.ts";
import type { TestFailure, TestResult, TestRun } from "../../testing/index.ts";
import type { Colors } from "../terminal.ts";
import { historyLines } from "./history-lines.ts";
import { countTests } from "./tested-file.ts";
import type { TestedFile } from "./tested-file.ts";

/** Tests by file; a failed one with what was expected, what came, and the steps that ran. */
export function textReport(files: readonly TestedFile[], colors: Colors): string {
  const parts = files.map((file) => fileText(file, colors));
  const { passed, failed, broken } = countTests(files);
  const tookMs = files.reduce((sum, file) => sum + file.tookMs, 0);
  const counts = [
    ...(failed > 0 ? [colors.red(`${failed} failed`)] : []),
    ...(broken > 0
      ? [colors.red(`${broken} ${broken === 1 ? "file does" : "files do"} not compile`)]
      : []),
    ...(passed > 0 ? [colors.green(`${passed} passed`)] : []),
  ];
  const summary = counts.length === 0 ? colors.yellow("no tests") : counts.join(", ");
  return `${parts.join("\n")}\n${colors.bold(summary)} ${colors.dim(`in ${formatElapsed(tookMs)}`)}\n`;
}

function fileText({ file, results, broken }: TestedFile, colors: Colors): string {
  const lines = [colors.bold(file)];
  if (broken !== null) lines.push(broken.trimEnd());
  for (const result of results) {
    const mark = result.passed ? colors.green("✓") : colors.red("✗");
    const time =
      result.virtualMs > 0
        ? colors.dim(` (${formatElapsed(result.virtualMs)} of virtual time)`)
        : "";
    lines.push(`  ${mark} ${result.title}${time}`);
    if (!result.passed) lines.push(...failureLines(result, colors));
  }
  return `${lines.join("\n")}\n`;
}

function failureLines({ file, failures, runs }: TestResult, colors: Colors): readonly string[] {
  return [
    ...failures.flatMap((failure) => oneFailure(file, failure, colors)),
    ...runs.flatMap((run) => runLines(run, colors)),
  ];
}

function oneFailure(
  file: string,
  failure: TestFailure,
  { bold, dim, red, green }: Colors,
): readonly string[] {
  const lines = [
    "",
    `    ${bold(failure.text === null ? failure.message : `expect ${failure.text}`)}  ${dim(`${file}:${failure.line}`)}`,
  ];
  if (failure.text !== null) lines.push(`      ${failure.message}`);
  if (failure.expected !== undefined)
    lines.push(`      expected  ${green(json(failure.expected))}`);
  if (failure.got !== undefined) lines.push(`      got       ${red(json(failure.got))}`);
  return lines;
}

/** A run of a test, and below it what it did, in order. */
export function runLines(run: TestRun, colors: Colors): readonly string[] {
  const error =
    run.error === null
      ? ""
      : `: ${run.error.code}${run.error.message === "" ? "" : ` (${run.error.message})`}`;
  const output = run.status === "succeeded" ? ` → ${json(run.output)}` : error;
  return [
    "",
    `    ${colors.bold(run.name)} = ${run.flow} ${run.status}${output}`,
    ...historyLines(run.events, colors).map((line) => `      ${line}`),
  ];
}

/** Long values are broken, so that the place that differs can be found. */
function json(value: Json): string {
  const short = JSON.stringify(value);
  return short.length <= 100
    ? short
    : JSON.stringify(value, null, 2).replaceAll("\n", "\n                ");
}
