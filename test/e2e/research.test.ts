// 04: questions are looked up side by side, some fail, the report is written and revised. The web is stubbed.
import { expect, test } from "vitest";

import { compile } from "../../compiler/index.ts";
import { runTest } from "../../testing/index.ts";
import type { TestResult } from "../../testing/index.ts";
import { programHost } from "./run-program.ts";

const scene = `import { critique, fetchPage, planQuestions, research, search, takeNotes, writeReport } from "./scene"

let page = { url: "https://bees.example/1", title: "Bees", text: "Bees sleep." }
let note = { question: "Do bees sleep?", findings: "They do.", sources: ["https://bees.example/1"] }
let report = {
  title: "Bees"
  markdown: "# Bees"
  citations: [{ url: "https://bees.example/1", quote: "Bees sleep." }]
}
`;

/** The program of the collection, with tests beside it. */
function runScene(test: string): TestResult {
  const host = programHost("https://slack.com");
  const files = new Map([["scene.test.agentflow", scene + test]]);
  const program = host.read("04-research.agentflow") ?? "";
  files.set(
    "scene.agentflow",
    program.replace(
      'import { Page, fetchPage } from "std/web"',
      'import { Page, fetchPage } from "./web"',
    ),
  );
  files.set("web.agentflow", host.read("std/web.agentflow") ?? "");
  files.set(
    "scene.test.agentflow",
    (scene + test)
      .replace("fetchPage, ", "")
      .replace("import {", 'import { fetchPage } from "./web"\nimport {'),
  );
  const { tests, diagnostics } = compile(
    { read: (path) => files.get(path) ?? null },
    "scene.test.agentflow",
  );
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const [plan] = tests;
  if (plan === undefined) throw new Error("no test");
  return runTest(plan);
}

test("a gap that the critic names is looked up, and the report is written again", () => {
  const result = runScene(`test "two rounds" {
  stub: {
    planQuestions: { questions: ["a?", "b?", "c?"] }
    search: [{ title: "Bees", url: "https://bees.example/1" }]
    fetchPage: page
    takeNotes: note
    writeReport: report
    critique: sequence([{ satisfied: false, advice: "More.", gaps: ["d?"] }, { satisfied: true, advice: "", gaps: [] }])
  }
  step result = research("bees")
  expect result.title == "Bees"
  expect calls(search) == 4
  expect calls(takeNotes) == 4
  expect calls(writeReport) == 2
  expect failed(result) == null
}
`);
  expect(result.failures).toEqual([]);
  const [run] = result.runs;
  const paths =
    run?.events.flatMap((event) =>
      event.kind === "activity.started" ? [event.path.replace(/@1$/, "")] : [],
    ) ?? [];
  expect(paths.indexOf("research.refined#2.report")).toBeGreaterThan(
    paths.indexOf("research.refined#2.extra[0].note"),
  );
});

test("two questions that can't be answered are tolerated, a third is not", () => {
  const stubs = (failures: number): string => `test "failures" {
  stub: {
    planQuestions: { questions: ["a?", "b?", "c?", "d?"] }
    search: sequence([${Array.from({ length: failures }, () => 'fail("not_found")').join(", ")}, []])
    fetchPage: page
    takeNotes: note
    writeReport: report
    critique: { satisfied: true, advice: "", gaps: [] }
  }
  step result = research("bees")
  expect ${failures > 2 ? 'failed(result) == "upstream_failed"' : "failed(result) == null"}
}
`;
  expect(runScene(stubs(2)).failures).toEqual([]);
  expect(runScene(stubs(3)).failures).toEqual([]);
});
