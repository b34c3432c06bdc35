import type { Bounds } from "../plan/plan.ts";
import type { CheckResult, CompileResult, CompilerHost } from "./compile-result.ts";
import type { Diagnostic, Label } from "./diagnostics/diagnostic.ts";
import { boundsOfProgram } from "./flow/flow-bounds.ts";
import { untrustedIn } from "./flow/label-analysis.ts";
import { lowerProgram } from "./lower/lower-program.ts";
import { lowerTests } from "./lower/lower-tests.ts";
import { runRules } from "./rules/run-rules.ts";
import type { CheckedProgram } from "./types/checked.ts";
import { checkProgram } from "./types/check-program.ts";
import type { Program } from "./types/check-program.ts";
import { plainInstance } from "./types/instance.ts";

/** A checked program at one moment. Immutable; the next one shares everything that a change does not reach. */
export interface ProgramSnapshot extends CheckResult {
  readonly program: Program;
}

/**
 * Checks some programs and the files they import. With the snapshot before a change, only what the change can reach is
 * done again. Never throws on account of their text.
 */
export function createProgram(
  host: CompilerHost,
  entries: readonly string[],
  previous?: ProgramSnapshot,
): ProgramSnapshot {
  const program = checkProgram(host, entries, previous?.program);
  return {
    program,
    diagnostics: diagnosticsOf(program, previous?.program),
    sources: program.sources,
  };
}

/** Says what is wrong with some programs and the files they import. */
export function check(host: CompilerHost, entries: readonly string[]): CheckResult {
  const { diagnostics, sources } = createProgram(host, entries);
  return { diagnostics, sources };
}

/**
 * Makes a plan of a program, and test plans of the tests in its entry file, if there is no error. `previous` may be a snapshot of
 * more programs than this one: files that look the same from here are not checked again.
 */
export function compile(
  host: CompilerHost,
  entry: string,
  previous?: ProgramSnapshot,
): CompileResult {
  return planOf(createProgram(host, [entry], previous), entry);
}

/** The same for an entry of a program that is checked already. */
export function planOf(snapshot: ProgramSnapshot, entry: string): CompileResult {
  const { program, diagnostics, sources } = snapshot;
  const module = program.modules.get(entry);
  if (module === undefined || diagnostics.some(({ severity }) => severity === "error")) {
    return { diagnostics, sources, plan: null, tests: [] };
  }
  const untrusted = untrustedIn(program);
  const roots = module.symbols.filter((symbol) => symbol.kind === "flow").map(plainInstance);
  const { plan } = lowerProgram({ program, entry, roots, untrusted });
  return { diagnostics, sources, plan, tests: lowerTests({ program, entry, untrusted }) };
}

/** Worst cases of the flows that the file `entry` declares, by name; empty if the program has an error. */
export function worstCases(
  { program, diagnostics }: ProgramSnapshot,
  entry: string,
): ReadonlyMap<string, Bounds> {
  if (diagnostics.some(({ severity }) => severity === "error")) return new Map();
  const bounds = boundsOfProgram(program);
  const flows = program.modules.get(entry)?.symbols.filter(({ kind }) => kind === "flow") ?? [];
  return new Map(
    flows
      .map((flow) => [flow.name, bounds.ofFlow(plainInstance(flow))] as const)
      .sort(([left], [right]) => order(left, right)),
  );
}

function diagnosticsOf(
  program: CheckedProgram,
  previous: CheckedProgram | undefined,
): readonly Diagnostic[] {
  const files = new Map([...program.sources.keys()].map((file, index) => [file, index]));
  const place = ({ span }: Pick<Diagnostic, "span">): number => files.get(span.file) ?? files.size;
  const syntax = [...program.modules.values()].flatMap(({ parse }) => parse.diagnostics);
  return [...syntax, ...program.diagnostics, ...runRules(program, previous)]
    .sort(
      (left, right) =>
        place(left) - place(right) ||
        left.span.start - right.span.start ||
        // Which of two rules comes first depends on how much of a file is looked at.
        order(left.code, right.code) ||
        order(left.message, right.message) ||
        byWayThere(left, right, place),
    )
    .filter(
      (diagnostic, index, all) =>
        !isRepeated(diagnostic, all[index - 1]) && !isAssigned(diagnostic, all[index + 1]),
    );
}

/** What several files copy is told by the first of them, whichever was checked last. */
function byWayThere(
  { related: left }: Diagnostic,
  { related: right }: Diagnostic,
  place: (label: Label) => number,
): number {
  const [one, other] = [left?.at(-1), right?.at(-1)];
  if (one === undefined || other === undefined) return 0;
  return place(one) - place(other) || one.span.start - other.span.start;
}

/** `x = 2` of a name that is there already is one fault: it gives no new name. */
function isAssigned({ code, span }: Diagnostic, next: Diagnostic | undefined): boolean {
  return (
    code === "AF1017" &&
    next?.code === "AF2002" &&
    next.span.start === span.start &&
    next.span.file === span.file
  );
}

/** What several files take from one place, such as settings that they copy, is found by each of them. */
function isRepeated({ code, message, span }: Diagnostic, before: Diagnostic | undefined): boolean {
  return (
    before !== undefined &&
    before.code === code &&
    before.message === message &&
    before.span.start === span.start &&
    before.span.file === span.file
  );
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
