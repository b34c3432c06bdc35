import { createColors } from "picocolors";
import { expect, test } from "vitest";

import type { TestResult } from "../../testing/index.ts";
import { jsonReport } from "./json-report.ts";
import { junitReport } from "./junit-report.ts";
import type { TestedFile } from "./tested-file.ts";
import { textReport } from "./text-report.ts";

const passed: TestResult = {
  title: "works",
  file: "a.test.agentflow",
  line: 3,
  passed: true,
  failures: [],
  runs: [],
  virtualMs: 60_000,
};

const failed: TestResult = {
  title: 'says "no" & <why>',
  file: "a.test.agentflow",
  line: 9,
  passed: false,
  virtualMs: 0,
  failures: [
    { line: 12, text: "result.n == 2", message: "the values differ", expected: 2, got: 1 },
  ],
  runs: [
    {
      name: "result",
      flow: "f",
      status: "failed",
      output: null,
      error: { code: "refused", message: "no", step: "f.b", attempts: 1 },
      spent: { cost: 0, tokensIn: 0, tokensOut: 0 },
      events: [
        {
          seq: 1,
          atMs: 0,
          kind: "activity.started",
          path: "f.a",
          attempt: 1,
          activity: "stub",
          callee: "x",
        },
        {
          seq: 2,
          atMs: 0,
          kind: "activity.failed",
          path: "f.a",
          attempt: 1,
          code: "timeout",
          message: "late",
        },
        {
          seq: 3,
          atMs: 0,
          kind: "activity.started",
          path: "f.a",
          attempt: 2,
          activity: "stub",
          callee: "x",
        },
        { seq: 4, atMs: 0, kind: "activity.succeeded", path: "f.a", attempt: 2, output: { n: 1 } },
        {
          seq: 5,
          atMs: 0,
          kind: "activity.started",
          path: "f.b",
          attempt: 1,
          activity: "stub",
          callee: "y",
        },
        {
          seq: 6,
          atMs: 0,
          kind: "activity.failed",
          path: "f.b",
          attempt: 1,
          code: "refused",
          message: "no",
        },
      ],
    },
  ],
};

const files: readonly TestedFile[] = [
  { file: "a.test.agentflow", results: [passed, failed], broken: null, tookMs: 12 },
  { file: "b.agentflow", results: [], broken: "error[AF1002]: …\n", tookMs: 1 },
];

test("text: what failed, what was expected and came, and what happened on the way", () => {
  expect(textReport(files, createColors(false))).toBe(`a.test.agentflow
  ✓ works (1m 00s of virtual time)
  ✗ says "no" & <why>

    expect result.n == 2  a.test.agentflow:12
      the values differ
      expected  2
      got       1

    result = f failed: refused (no)
      ✓ f.a x attempt 2 → {"n":1}
      ✗ f.b y refused: no

b.agentflow
error[AF1002]: …

1 failed, 1 file does not compile, 1 passed in 13ms
`);
});

test("JUnit: well-formed, with every text escaped", () => {
  const xml = junitReport(files);
  expect(xml).toContain(
    '<testsuites name="agentflow" tests="3" failures="1" errors="1" time="0.013">',
  );
  expect(xml).toContain('name="says &quot;no&quot; &amp; &lt;why&gt;"');
  expect(xml).toContain("got 1</failure>");
  expect(xml).toContain("<system-out>result = f failed: refused (no)\n");
  const open = xml.match(/<(testsuite|testcase|failure|error)\b[^>]*[^/]>/g)?.length;
  const close = xml.match(/<\/(testsuite|testcase|failure|error)>/g)?.length;
  expect(open).toBe(close);
});

test("JSON: the history of what failed, and only of that", () => {
  const document = JSON.parse(jsonReport(files)) as {
    files: { tests: { runs: { events?: unknown[] }[] }[] }[];
  };
  expect(document).toMatchObject({ passed: 1, failed: 1, broken: 1 });
  expect(document.files[0]?.tests[1]?.runs[0]?.events?.length).toBe(6);
});
