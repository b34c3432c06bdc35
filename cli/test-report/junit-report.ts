import { createColors } from "picocolors";

import type { TestFailure, TestResult } from "../../testing/index.ts";
import { countTests } from "./tested-file.ts";
import type { TestedFile } from "./tested-file.ts";
import { runLines } from "./text-report.ts";

/** The XML that CI servers read (the schema of Jenkins' xunit plugin); times are seconds. */
export function junitReport(files: readonly TestedFile[]): string {
  const { passed, failed, broken } = countTests(files);
  const seconds = files.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="agentflow" tests="${passed + failed + broken}" failures="${failed}" errors="${broken}" time="${seconds.toFixed(3)}">`,
    ...files.flatMap(suite),
    "</testsuites>",
  ];
  return `${lines.join("\n")}\n`;
}

function suite({ file, results, broken, tookMs }: TestedFile): readonly string[] {
  const failed = results.filter(({ passed }) => !passed).length;
  const tests = results.length + (broken === null ? 0 : 1);
  const head = `  <testsuite name="${escape(file)}" tests="${tests}" failures="${failed}" errors="${broken === null ? 0 : 1}" time="${(tookMs / 1_000).toFixed(3)}">`;
  const error =
    broken === null
      ? []
      : [
          `    <testcase classname="${escape(file)}" name="compiles">`,
          `      <error message="the file does not compile">${escape(broken)}</error>`,
          "    </testcase>",
        ];
  return [head, ...error, ...results.flatMap(testCase), "  </testsuite>"];
}

function testCase(result: TestResult): readonly string[] {
  const open = `    <testcase classname="${escape(result.file)}" name="${escape(result.title)}" file="${escape(result.file)}" line="${result.line}"`;
  if (result.passed) return [`${open}/>`];
  return [
    `${open}>`,
    ...result.failures.map((failure) => failureElement(result.file, failure)),
    ...ranElement(result),
    "    </testcase>",
  ];
}

/** What ran, as the text report shows it: CI servers print it below the failure. */
function ranElement({ runs }: TestResult): readonly string[] {
  const lines = runs.flatMap((run) => runLines(run, createColors(false)));
  const text = lines.map((line) => line.replace(/^ {4}/, "")).join("\n");
  return lines.length === 0 ? [] : [`      <system-out>${escape(text.trimStart())}</system-out>`];
}

function failureElement(file: string, { line, text, message, expected, got }: TestFailure): string {
  const details = [
    `${file}:${line}`,
    ...(text === null ? [] : [`expect ${text}`]),
    message,
    ...(expected === undefined ? [] : [`expected ${JSON.stringify(expected)}`]),
    ...(got === undefined ? [] : [`got ${JSON.stringify(got)}`]),
  ];
  return `      <failure message="${escape(message)}">${escape(details.join("\n"))}</failure>`;
}

/** Characters that XML 1.0 can't hold are dropped; colour codes are among them. */
function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
