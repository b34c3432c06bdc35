import { expect, test } from "vitest";

import { checkRepository, rules } from "./check-repository.ts";
import { repositoryOf } from "./repository.ts";

/** What the rules say about files that were planted for it, as `file:line rule`. */
function findings(files: Record<string, string>): string[] {
  return checkRepository(repositoryOf(files)).map(
    ({ file, line, rule }) => `${file}:${line} ${rule}`,
  );
}

function messages(files: Record<string, string>): string[] {
  return checkRepository(repositoryOf(files)).map(({ message }) => message);
}

test("a tidy repository has no violation", () => {
  expect(
    findings({
      "base/assert.ts": "export const a = 1;\n",
      "plan/plan.ts":
        'import { a } from "../base/assert.ts";\nimport Ajv from "ajv";\nexport const b = a + Ajv;\n',
      "compiler/index.ts": 'export { compile } from "./compile.ts";\n',
      "compiler/compile.ts": 'import { b } from "../plan/plan.ts";\nexport const compile = b;\n',
      "cli/main.ts":
        'import { compile } from "../compiler/index.ts";\nexport const main = compile;\n',
    }),
  ).toEqual([]);
});

test("arrows: nobody imports against them", () => {
  const planted = {
    "base/assert.ts": 'import "../plan/plan.ts";\n',
    "plan/plan.ts": "export {};\n",
    "compiler/syntax/parser.ts":
      'export const t = 1;\nimport type { T } from "../types/type.ts";\n',
    "compiler/types/type.ts": 'const t = await import("../../runner/index.ts");\n',
    "runner/index.ts": 'export { c } from "../compiler/index.ts";\n',
    "runner/engine/decide.ts": 'import "../store/memory-store.ts";\n',
    "runner/store/memory-store.ts": 'import "../worker/worker.ts";\n',
    "runner/worker/worker.ts": 'type W = import("../models/mock.ts").Mock;\n',
    "runner/models/mock.ts": "export {};\n",
    "compiler/index.ts": "export {} from './compile.ts';\n",
    "compiler/compile.ts": "export {};\n",
    "cli/main.ts": 'import "../compiler/compile.ts";\n',
  };
  expect(findings(planted).filter((finding) => finding.endsWith(" arrows"))).toEqual([
    "base/assert.ts:1 arrows",
    "cli/main.ts:1 arrows",
    "compiler/syntax/parser.ts:2 arrows",
    "compiler/types/type.ts:1 arrows",
    "runner/engine/decide.ts:1 arrows",
    "runner/index.ts:1 arrows",
    "runner/store/memory-store.ts:1 arrows",
    "runner/worker/worker.ts:1 arrows",
  ]);
});

test("arrows: a test reaches everything in its own folder, and nothing across the border", () => {
  expect(
    findings({
      "runner/engine/decide.test.ts":
        'import "../store/memory-store.ts";\nimport "../../compiler/index.ts";\n',
      "runner/store/memory-store.ts": "export {};\n",
    }),
  ).toEqual(["runner/engine/decide.test.ts:2 arrows"]);
});

test("arrows: a folder that nobody placed is not overlooked", () => {
  expect(messages({ "compiler/magic/wand.ts": "export {};\n" })).toEqual([
    "no layer holds this folder; add it to tools/tidy/architecture.ts",
  ]);
});

test("package-homes: a package elsewhere, a new package, and the machine in pure code", () => {
  expect(
    messages({
      "compiler/flow/order.ts": 'import Graph from "graphology";\n',
      "compiler/names/scope.ts": 'import _ from "lodash-es/map.js";\n',
      "compiler/names/read.ts": 'import { readFileSync } from "node:fs";\n',
      "runner/engine/hash.ts": 'import { createHash } from "node:crypto";\n',
      "cli/main.ts": 'import { join } from "path";\nimport { readFileSync } from "node:fs";\n',
    }),
  ).toEqual([
    "write node:path",
    "graphology is at home in compiler/graph/ alone",
    "node:fs reaches the machine; this code is pure, so take it as a parameter",
    "lodash-es has no home; add it to tools/tidy/architecture.ts",
    "node:crypto reaches the machine; this code is pure, so take it as a parameter",
  ]);
});

test("import-cycles: the whole cycle is shown, types included", () => {
  expect(
    messages({
      "base/a.ts": 'import type { B } from "./b.ts";\n',
      "base/b.ts": 'import { c } from "./c.ts";\n',
      "base/c.ts": 'import "./b.ts";\nimport "./a.ts";\n',
    }),
  ).toEqual([
    "import cycle: base/a.ts → base/b.ts → base/c.ts → base/a.ts",
    "import cycle: base/b.ts → base/c.ts → base/b.ts",
  ]);
});

test("lengths: files of 501 lines and functions of 71", () => {
  const body = (lines: number): string => "  f();\n".repeat(lines - 2);
  expect(
    messages({
      "base/long.ts": "// line\n".repeat(501),
      "base/full.ts": "// line\n".repeat(500),
      "base/tall.ts": `function tall() {\n${body(71)}}\nconst arrow = () => {\n${body(71)}};\n`,
      "base/fits.ts": `function fits() {\n${body(70)}}\n`,
      "base/suite.test.ts": `describe("all", () => {\n${body(90)}});\n`,
    }),
  ).toEqual([
    "501 lines; at most 500, so find the two things it does",
    "tall has 71 lines; at most 70",
    "arrow has 71 lines; at most 70",
  ]);
});

test("file-names: kebab case, and a name that says something", () => {
  expect(
    findings({
      "base/utils.ts": "export {};\n",
      "base/string-helpers.ts": "export {};\n",
      "base/helpers.test.ts": "export {};\n",
      "base/didYouMean.ts": "export {};\n",
      "cli/Commands/check.ts": "export {};\n",
    }).filter((finding) => finding.endsWith(" file-names")),
  ).toEqual([
    "base/didYouMean.ts:1 file-names",
    "base/helpers.test.ts:1 file-names",
    "base/utils.ts:1 file-names",
    "cli/Commands/check.ts:1 file-names",
  ]);
});

test("banned-syntax: each in its line, and none in strings or comments", () => {
  expect(
    messages({
      "base/syntax.ts": [
        "enum Colour { red }",
        "namespace N { export const a = 1; }",
        "export default 1;",
        "const x: any = 1;",
        "// @ts-ignore",
        "/* @ts-expect-error */",
        "class C { constructor(private readonly x: number) {} }",
        'const text = "enum E {} // @ts-ignore"; // no enum, no any, unlike @ts-ignore',
      ].join("\n"),
      "vitest.config.ts": "export default {};\n",
    }),
  ).toEqual([
    "use a union of string literals instead of an enum",
    "use a module instead of a namespace",
    "export it by name",
    "use unknown, or the type, instead of any",
    "mend the type instead of silencing the checker",
    "mend the type instead of silencing the checker",
    "declare the field and assign it",
  ]);
});

test("ambient: clock, randomness, console and environment have one adapter each", () => {
  const touches = [
    "const a = Date.now();",
    "const b = new Date();",
    "const c = Math.random();",
    "console.log(1);",
    "const d = process.env.HOME;",
    "const e = globalThis.Date.now();",
    'import { env } from "node:process";',
    "const { log } = console;",
    "const fine = [new Date(0), Math.max(1, 2), process.argv, this.console];",
  ].join("\n");
  expect(messages({ "runner/worker/worker.ts": touches })).toEqual([
    "Date.now is touched in its adapter alone; take it as a parameter",
    "new Date is touched in its adapter alone; take it as a parameter",
    "Math.random is touched in its adapter alone; take it as a parameter",
    "console is touched in its adapter alone; take it as a parameter",
    "process.env is touched in its adapter alone; take it as a parameter",
    "Date.now is touched in its adapter alone; take it as a parameter",
    "process.env is touched in its adapter alone; take it as a parameter",
    "console is touched in its adapter alone; take it as a parameter",
  ]);
  expect(messages({ "runner/worker/system-clock.ts": "const a = Date.now();\n" })).toEqual([]);
  expect(messages({ "tools/tidy.ts": touches })).toEqual([]);
});

test("doors: an index.ts only re-exports, and nothing else does", () => {
  expect(
    findings({
      "plan/index.ts": 'export * from "./plan.ts";\nexport const extra = 1;\n',
      "plan/plan.ts": 'export type { Step } from "./step.ts";\nexport const own = 1;\n',
    }),
  ).toEqual(["plan/index.ts:2 doors", "plan/plan.ts:1 doors"]);
});

test("machine-paths: what exists on one machine is not written down, in any kind of file", () => {
  const path = ["", "home", "jo", "agentflow"].join("/");
  expect(
    findings({
      "docs/guide.md": `First\nrun \`${path}/run\`\n`,
      "base/a.ts": `const root = "${path}";\n`,
      "docs/fine.md": "See https://example.com/home/jo and ./home/jo\n",
    }),
  ).toEqual(["base/a.ts:1 machine-paths", "docs/guide.md:2 machine-paths"]);
});

test("unfinished-work: no note to oneself in a comment", () => {
  const word = ["TO", "DO"].join("");
  expect(
    messages({
      "base/a.ts": `/* ${word} later */\nconst text = "${word}";\n// ${word}S are fine\n`,
    }),
  ).toEqual([`${word}: do it, or leave it out`]);
});

test("every rule is proven above", () => {
  expect(Object.keys(rules)).toEqual([
    "ambient",
    "arrows",
    "banned-syntax",
    "doors",
    "file-names",
    "import-cycles",
    "lengths",
    "machine-paths",
    "package-homes",
    "unfinished-work",
  ]);
});
