import { writeFileSync } from "node:fs";
import { resolve } from "node:path";

import {
  applyFixes,
  check as checkPrograms,
  createProgram,
  diagnosticsDocument,
  renderGithub,
  renderSarif,
  renderText,
  summarize,
  worstCases,
} from "../../compiler/index.ts";
import type { CheckResult, CompilerHost } from "../../compiler/index.ts";
import type { Bounds } from "../../plan/plan.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { packageVersion } from "../package-version.ts";
import { boundsLines } from "../project/bounds-lines.ts";
import type { FlowBounds } from "../project/bounds-lines.ts";
import { diskHost } from "../project/disk-host.ts";
import { findPrograms } from "../project/find-programs.ts";

/** A fix may uncover the next fault; a fault that its own fix does not mend must not be mended for ever. */
const fixRounds = 10;

export async function check(invocation: Invocation): Promise<number> {
  const { args, options, environment } = invocation;
  const files = findPrograms(args, environment.folder);
  const host = diskHost(environment.folder);
  const fixed = options.on("fix") ? fixAll(host, files, environment.folder) : 0;
  const result = createProgram(host, files);
  const errors = result.diagnostics.some(({ severity }) => severity === "error");
  report(invocation, {
    result,
    fixed,
    files,
    // Each program by itself: what fills a role in one of them need not be seen by another.
    worstCasesOf: (file) =>
      worstCases(files.length === 1 ? result : createProgram(host, [file], result), file),
  });
  return errors ? exitCodes.failed : exitCodes.ok;
}

/** Gives the number of fixes made. */
function fixAll(host: CompilerHost, files: readonly string[], folder: string): number {
  let count = 0;
  for (let round = 0; round < fixRounds; round += 1) {
    const { diagnostics, sources } = checkPrograms(host, files);
    const { changed, applied } = applyFixes(diagnostics, sources);
    if (applied.length === 0) break;
    for (const [file, text] of changed) writeFileSync(resolve(folder, file), text);
    count += applied.length;
  }
  return count;
}

interface Report {
  readonly result: CheckResult;
  readonly fixed: number;
  readonly files: readonly string[];
  readonly worstCasesOf: (file: string) => ReadonlyMap<string, Bounds>;
}

function report(invocation: Invocation, { result, fixed, files, worstCasesOf }: Report): void {
  const { options, terminal } = invocation;
  const { diagnostics, sources } = result;
  switch (options.on("json") ? "json" : (options.text("format") ?? "text")) {
    case "json": {
      const bounds = flowBounds(files, worstCasesOf);
      terminal.out(
        `${JSON.stringify({ ...diagnosticsDocument(diagnostics, sources), fixed, flows: bounds }, null, 2)}\n`,
      );
      return;
    }
    case "sarif":
      terminal.out(renderSarif(diagnostics, sources, { version: packageVersion() }));
      return;
    case "github":
      terminal.out(renderGithub(diagnostics, sources));
      return;
    default:
      reportText(invocation, { result, fixed, files, worstCasesOf });
  }
}

function reportText(
  { terminal, options }: Invocation,
  { result, fixed, files, worstCasesOf }: Report,
): void {
  const { bold, green, red } = terminal.outColors;
  const { diagnostics, sources } = result;
  const color = terminal.outColors.isColorSupported;
  if (diagnostics.length > 0)
    terminal.out(
      `${renderText(diagnostics, sources, { color, width: terminal.outColumns() ?? 100 })}\n`,
    );
  if (fixed > 0) terminal.out(`${green("fixed")} ${fixed} ${fixed === 1 ? "fault" : "faults"}\n`);
  const errors = diagnostics.some(({ severity }) => severity === "error");
  if (errors) {
    terminal.out(`${bold(red(summarize(diagnostics)))}\n`);
    return;
  }
  if (options.on("quiet")) return;
  for (const line of boundsLines(flowBounds(files, worstCasesOf), terminal.outColors))
    terminal.out(`${line}\n`);
  const count = files.length === 1 ? (files[0] ?? "") : `${files.length} files`;
  const warnings = summarize(diagnostics);
  terminal.out(`${green("✓")} ${count}: ${warnings === "" ? "no mistakes" : warnings}\n`);
}

/** Worst cases of the flows that the files declare themselves. */
function flowBounds(
  files: readonly string[],
  worstCasesOf: Report["worstCasesOf"],
): readonly FlowBounds[] {
  return files.flatMap((file) =>
    [...worstCasesOf(file)].map(([flow, bounds]) => ({ file, flow, bounds })),
  );
}
