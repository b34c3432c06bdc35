/**
 * How fast is the compiler? A synthetic project of 200 files and 22,000 lines, in processor time, next to
 * `JSON.parse` of the same text as a document and a Chevrotain parser that builds nothing.
 *
 * Run with `node tools/run.js bench/compile/compile.ts`. Without `--expose-gc`: a forced collection before each round
 * makes the next one start with a tiny heap, which triples what it measures.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { createProgram, parse } from "../../compiler/index.ts";
import type { ProgramSnapshot } from "../../compiler/index.ts";
import { measureProcesses } from "../measure-process.ts";
import type { Measurement } from "../measure.ts";
import { measure, median } from "../measure.ts";
import type { Figure } from "../report.ts";
import { ratio, report } from "../report.ts";
import { bareParser } from "./bare-parser.ts";
import type { ProjectSize, SyntheticFile } from "./generate-project.ts";
import { entryFile, generateProject, moduleFile, standardProject } from "./generate-project.ts";

const rounds = 9;
const coldRounds = 5;

const words: Change = { from: "You count.", to: "You count!." };
const number: Change = { from: "take(5)", to: "take(15)" };
const fault: Change = { from: "findings: best)", to: "findings: bes)" };
const callee: Change = { from: "keep100S0(topic", to: "keep100S1(topic" };

const small = projectOf({ files: standardProject.files / 10, sections: standardProject.sections });
const large = projectOf(standardProject);

await main();

async function main(): Promise<void> {
  const command = await coldCommand();
  const compiler = coldCheck();
  const parseFigures = await parsing();
  const checkFigures = await checking({ compiler, command });
  const editFigures = await editing();
  report("compile", [...parseFigures, ...checkFigures, ...editFigures]);
}

interface Project {
  readonly files: readonly SyntheticFile[];
  readonly texts: Map<string, string>;
  readonly lines: number;
}

function projectOf(size: ProjectSize): Project {
  const files = [...generateProject(size), entryFile(size)];
  const lines = files.reduce((sum, { text }) => sum + text.split("\n").length - 1, 0);
  return { files, texts: new Map(files.map(({ path, text }) => [path, text])), lines };
}

function checkAll(project: Project, previous?: ProgramSnapshot, isFaulty = false): ProgramSnapshot {
  const host = { read: (path: string) => project.texts.get(path) ?? null };
  const program = createProgram(host, ["main.agentflow"], previous);
  const [first] = program.diagnostics;
  if ((first !== undefined) !== isFaulty)
    throw new Error(`the project is not as expected: ${first?.message ?? "clean"}`);
  return program;
}

/** `agentflow check`, from the start of its process to the end, on the project in a folder. */
async function coldCommand(): Promise<number> {
  const command = join(import.meta.dirname, "../../dist/cli/main.js");
  if (!existsSync(command)) throw new Error("run `npm run build` first");
  const folder = mkdtempSync(join(tmpdir(), "agentflow-compile-"));
  try {
    for (const [path, text] of large.texts) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const check = { name: "check", options: [command, "check", "main.agentflow"], folder };
    const [measured] = await measureProcesses([check], coldRounds);
    return measured?.cpuMs ?? Number.NaN;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The compiler alone, in processes of their own, so that nothing is compiled or cached. */
function coldCheck(): number {
  const script = join(import.meta.dirname, "cold-check.ts");
  const runner = join(import.meta.dirname, "../../tools/run.js");
  const samples = Array.from({ length: coldRounds }, () =>
    Number(execFileSync(process.execPath, [runner, script], { encoding: "utf8" })),
  );
  return median(samples);
}

async function parsing(): Promise<Figure[]> {
  const document = JSON.stringify(large.files);
  const bare = bareParser();
  const [ours, tenth, recogniser, json] = await measure(
    [
      { name: "parse", work: () => parseAll(large) },
      { name: "parse a tenth", work: () => tenTimes(() => parseAll(small)) },
      { name: "bare", work: () => large.files.map(({ text }) => bare(text)) },
      { name: "JSON.parse", work: () => JSON.parse(document) as unknown },
    ],
    { rounds, warmups: 3 },
  );
  const throughput: Figure = {
    name: "lex, parse, typed tree",
    value: (large.lines / cpu(ours)) * 1_000,
    unit: "lines/s",
    bar: { want: "at least", floor: 120_000 },
  };
  return [
    throughput,
    ratio("… to a bare Chevrotain parser", { of: time(ours), to: time(recogniser) }),
    ratio("… to JSON.parse", { of: time(ours), to: time(json) }),
    growth("parse: ten times the text takes", time(ours), time(tenth)),
  ];
}

function parseAll(project: Project): unknown {
  return project.files.map(({ path, text }) => parse(path, text));
}

async function checking(coldMs: { compiler: number; command: number }): Promise<Figure[]> {
  let last = checkAll(large);
  const [again, full, tenth] = await measure(
    [
      { name: "check again", work: () => (last = checkAll(large, last)) },
      { name: "check", work: () => checkAll(large) },
      { name: "check a tenth", work: () => tenTimes(() => checkAll(small)) },
    ],
    // V8 goes on optimising for ten rounds, on threads whose time counts, too.
    { rounds, warmups: 10 },
  );
  return [
    {
      name: "whole check, cold",
      value: coldMs.compiler,
      unit: "ms",
      bar: { want: "at most", floor: 900 },
    },
    { name: "… `agentflow check`, all of its process", value: coldMs.command, unit: "ms" },
    {
      name: "whole check, warm",
      value: cpu(full),
      unit: "ms",
      bar: { want: "at most", floor: 250 },
    },
    { name: "whole check, nothing changed", value: cpu(again), unit: "ms" },
    growth("check: ten times the text takes", time(full), time(tenth)),
  ];
}

/**
 * One character changes in a file of 1,000 lines of the large project, back and forth: in a file that few others
 * import, as most files are, and in the one that all others import through one another; in the words of a prompt, and in
 * the body of a flow, which the rules follow from other files; so that a name is unknown, and so that the flow calls
 * another tool, which others have to hear of.
 */
async function editing(): Promise<Figure[]> {
  const middle = Math.floor(standardProject.files / 2);
  const edits = [
    { name: "one character in a file of 1,000 lines → diagnostics", work: editor(middle, words) },
    { name: "… in the body of a flow", work: editor(middle, number) },
    { name: "… in the file that all others depend on", work: editor(0, words) },
    { name: "… there in the body of a flow", work: editor(0, number) },
    { name: "… there a fault that comes and goes", work: editor(0, fault, "faulty") },
    { name: "… whom a flow calls", work: editor(middle, callee) },
  ];
  const measured = await measure(edits, { rounds: 31, warmups: 10 });
  return measured.map((measurement, index): Figure => {
    const figure = { name: measurement.name, value: cpu(measurement), unit: "ms" };
    const isLast = index === edits.length - 1;
    return isLast ? figure : { ...figure, bar: { want: "at most", floor: 15 } };
  });
}

interface Change {
  readonly from: string;
  readonly to: string;
}

/** Makes the `index`th file long, checks the project, and gives the work of one edit. */
function editor(
  index: number,
  { from, to }: Change,
  expected: "clean" | "faulty" = "clean",
): () => unknown {
  const { path, text } = moduleFile(index, 10);
  const texts = new Map(large.texts).set(path, text);
  const project: Project = { ...large, texts };
  let program = checkAll(project);
  let isLong = false;
  return () => {
    isLong = !isLong;
    texts.set(path, isLong ? text.replace(from, to) : text);
    program = checkAll(project, program, isLong && expected === "faulty");
    return program;
  };
}

function cpu(measurement: Measurement | undefined): number {
  return measurement?.cpuMs ?? Number.NaN;
}

function time(measurement: Measurement | undefined): Figure {
  return { name: measurement?.name ?? "", value: cpu(measurement), unit: "ms" };
}

/** Often enough to be interrupted by as many collections of garbage as the whole: one tenth alone mostly meets none. */
function tenTimes(work: () => unknown): unknown {
  let last: unknown = null;
  for (let time = 0; time < 10; time += 1) last = work();
  return last;
}

/** How many times as long ten times the text takes, if `tenTenths` is the time of ten times a tenth. */
function growth(name: string, of: Figure, tenTenths: Figure): Figure {
  const to = { ...tenTenths, value: tenTenths.value / 10 };
  return ratio(name, { of, to }, { want: "at most", floor: 12 });
}
