import { expect, test } from "vitest";

import type { Diagnostic } from "./diagnostic.ts";
import { renderGithub } from "./render-github.ts";
import { renderJson } from "./render-json.ts";
import { renderSarif } from "./render-sarif.ts";
import { summarize } from "./summary.ts";

const source = "let a = 1;\r\nlet b = a\n";
const file = "flows/my file, 1.agentflow";
const sources = new Map([[file, source]]);
const diagnostics: Diagnostic[] = [
  {
    code: "AF1010",
    severity: "error",
    message: "lines have no `;`, 100% sure\nreally",
    label: "here",
    span: { file, start: 9, end: 10 },
    related: [{ span: { file, start: 12, end: 15 }, message: "next" }],
    help: "remove it",
    fixes: [
      { title: "remove `;`", safe: true, edits: [{ span: { file, start: 9, end: 10 }, text: "" }] },
    ],
  },
  {
    code: "AF9001",
    severity: "warning",
    message: "`b` is unused",
    span: { file, start: 12, end: 21 },
  },
];

test("JSON has every part with lines and columns, and the rendered text", () => {
  const document: unknown = JSON.parse(renderJson(diagnostics, sources));
  const location = {
    file,
    start: { offset: 9, line: 1, column: 10 },
    end: { offset: 10, line: 1, column: 11 },
  };
  expect(document).toMatchObject({
    version: 1,
    summary: { errors: 1, warnings: 1, files: 1 },
    diagnostics: [
      {
        code: "AF1010",
        location,
        help: "remove it",
        label: "here",
        related: [{ message: "next", location: { start: { line: 2, column: 1 } } }],
        fixes: [{ title: "remove `;`", safe: true, edits: [{ location, text: "" }] }],
        rendered: expect.stringContaining("1 | let a = 1;\n"),
      },
      { code: "AF9001", severity: "warning", label: null, help: null, related: [], fixes: [] },
    ],
  });
});

test("GitHub commands stay on one line each and escape what would end them", () => {
  expect(renderGithub(diagnostics, sources).split("\n")).toEqual([
    "::error file=flows/my file%2C 1.agentflow,line=1,endLine=1,col=10,endColumn=11,title=AF1010::lines have no `;`, 100%25 sure%0Areally%0Aremove it",
    "::warning file=flows/my file%2C 1.agentflow,line=2,endLine=2,col=1,endColumn=10,title=AF9001::`b` is unused",
    "",
  ]);
});

test("SARIF names its rules and points results, related places and fixes at regions", () => {
  const log: unknown = JSON.parse(renderSarif(diagnostics, sources, { version: "1.2.3" }));
  const region = {
    startLine: 1,
    startColumn: 10,
    endLine: 1,
    endColumn: 11,
    charOffset: 9,
    charLength: 1,
  };
  const artifactLocation = { uri: "flows/my%20file%2C%201.agentflow" };
  expect(log).toMatchObject({
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "agentflow",
            version: "1.2.3",
            rules: [{ id: "AF1010" }, { id: "AF9001" }],
          },
        },
        columnKind: "utf16CodeUnits",
        results: [
          {
            ruleId: "AF1010",
            ruleIndex: 0,
            level: "error",
            locations: [{ physicalLocation: { artifactLocation, region } }],
            relatedLocations: [{ id: 0, message: { text: "next" } }],
            fixes: [
              {
                description: { text: "remove `;`" },
                artifactChanges: [{ artifactLocation, replacements: [{ deletedRegion: region }] }],
              },
            ],
          },
          { ruleId: "AF9001", ruleIndex: 1, level: "warning" },
        ],
      },
    ],
  });
});

test("no diagnostics are valid documents too", () => {
  expect(JSON.parse(renderJson([], sources))).toMatchObject({ diagnostics: [] });
  expect(JSON.parse(renderSarif([], sources, { version: "1" }))).toMatchObject({
    runs: [{ results: [] }],
  });
  expect(renderGithub([], sources)).toBe("");
  expect(summarize([])).toBe("");
});

test("the summary counts", () => {
  expect(summarize(diagnostics)).toBe("1 error, 1 warning in 1 file");
  const elsewhere = diagnostics.map((one) => ({ ...one, span: { ...one.span, file: "b" } }));
  expect(summarize([...diagnostics, ...elsewhere])).toBe("2 errors, 2 warnings in 2 files");
  expect(summarize(diagnostics.slice(1))).toBe("1 warning in 1 file");
});
