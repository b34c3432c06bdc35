import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { BodySummaries } from "../flow/body-summary.ts";
import { lookAt, lookClosely, remember } from "../flow/faces.ts";
import { neighboursOf } from "../flow/neighbours.ts";
import type { CheckedProgram } from "../types/checked.ts";
import { findingsOf } from "./kept-findings.ts";
import { globalRules, localRules, ruleGroups } from "./rule-groups.ts";

/** What the rules say about a program, in order of files and places. `previous` is the snapshot before. */
export function runRules(
  program: CheckedProgram,
  previous?: CheckedProgram,
): readonly Diagnostic[] {
  lookAt(program, previous);
  const modules = [...program.modules.values()];
  const before = [
    ...modules.flatMap(({ parse }) => parse.diagnostics),
    ...program.diagnostics,
  ].filter(isFault);
  const found = new Map<string, Diagnostic>();
  const neighbours = neighboursOf(program);
  const summaries = new BodySummaries();
  let isSound = false;
  for (const group of ruleGroups) {
    // Each group sees what the groups before it have reported.
    const faults = [...before, ...found.values()].filter(isFault);
    if (group !== localRules && faults.length > 0) break;
    if (group === globalRules) {
      lookClosely(program);
      isSound = true;
    }
    for (const module of modules) {
      for (const diagnostic of findingsOf(module, {
        program,
        group,
        faults,
        neighbours,
        summaries,
      })) {
        const { code, span } = diagnostic;
        const key = `${code} ${span.file} ${span.start} ${span.end} ${diagnostic.message}`;
        if (!found.has(key)) found.set(key, diagnostic);
      }
    }
  }
  remember(program, isSound);
  return [...found.values()];
}

/** Habits of other languages are reported, but understood as they were meant: nothing follows from them. */
function isFault({ severity, code }: Diagnostic): boolean {
  return severity === "error" && (code < "AF1010" || code > "AF1020");
}
