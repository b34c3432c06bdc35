import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { lookAt, lookClosely, sameLooks, sameShapes } from "../flow/faces.ts";
import { neighboursOf, sameModules } from "../flow/neighbours.ts";
import type { Neighbours } from "../flow/neighbours.ts";
import { faultDiagnostic } from "../names/reporter.ts";
import type { Fault } from "../names/reporter.ts";
import type { CheckedModule, CheckedProgram } from "../types/checked.ts";
import { actsTwice } from "./acts-twice.ts";
import { deepCalls } from "./deep-calls.ts";
import { earlyUndo } from "./early-undo.ts";
import { handoffTarget } from "./handoff-target.ts";
import { impossibleSchedule } from "./impossible-schedule.ts";
import { insufficientBudget } from "./insufficient-budget.ts";
import { labels } from "./labels.ts";
import { longLet } from "./long-let.ts";
import { missingStub } from "./missing-stub.ts";
import { needsWithoutKey } from "./needs-without-key.ts";
import { openHttpTrigger } from "./open-http-trigger.ts";
import { recursiveFlow } from "./recursive-flow.ts";
import { repeatWithoutUntil } from "./repeat-without-until.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { secretInHistory } from "./secret-in-history.ts";
import { stateWithoutPer } from "./state-without-per.ts";
import { stepsInCircle } from "./steps-in-circle.ts";
import { stubDoesNotFit } from "./stub-does-not-fit.ts";
import { tightBudget } from "./tight-budget.ts";
import { unboundedList } from "./unbounded-list.ts";
import { unboundedRepetition } from "./unbounded-repetition.ts";
import { unfixedSetting } from "./unfixed-setting.ts";
import { unknownStepInTest } from "./unknown-step-in-test.ts";
import { unknownTrigger } from "./unknown-trigger.ts";
import { unorderedActingSteps } from "./unordered-acting-steps.ts";
import { unusedName } from "./unused-name.ts";
import { waitWithoutTimeout } from "./wait-without-timeout.ts";

/** Each looks at one declaration at a time, so faults elsewhere do not mislead it. */
const localRules: readonly Rule[] = [
  stepsInCircle,
  recursiveFlow,
  deepCalls,
  longLet,
  needsWithoutKey,
  repeatWithoutUntil,
  handoffTarget,
  unboundedList,
  unboundedRepetition,
  unfixedSetting,
  unknownTrigger,
  openHttpTrigger,
  impossibleSchedule,
  stateWithoutPer,
];

/** These follow calls and data through the program; with a fault on the way they would report what is none. */
const globalRules: readonly Rule[] = [
  waitWithoutTimeout,
  unorderedActingSteps,
  earlyUndo,
  actsTwice,
  insufficientBudget,
  labels,
  secretInHistory,
  unknownStepInTest,
  missingStub,
  stubDoesNotFit,
];

/** Advice is for programs that are right. */
const adviceRules: readonly Rule[] = [tightBudget, unusedName];

const groups = [localRules, globalRules, adviceRules] as const;

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
  for (const group of groups) {
    // Each group sees what the groups before it have reported.
    const faults = [...before, ...found.values()].filter(isFault);
    if (group !== localRules && faults.length > 0) break;
    if (group === globalRules) lookClosely(program);
    for (const module of modules) {
      for (const diagnostic of ruled(program, module, { group, faults, neighbours })) {
        const { code, span } = diagnostic;
        const key = `${code} ${span.file} ${span.start} ${span.end} ${diagnostic.message}`;
        if (!found.has(key)) found.set(key, diagnostic);
      }
    }
  }
  return [...found.values()];
}

/** Habits of other languages are reported, but understood as they were meant: nothing follows from them. */
function isFault({ severity, code }: Diagnostic): boolean {
  return severity === "error" && (code < "AF1010" || code > "AF1020");
}

interface Round {
  readonly group: readonly Rule[];
  readonly faults: readonly Diagnostic[];
  readonly neighbours: Neighbours;
}

interface Kept {
  readonly neighbours: readonly CheckedModule[];
  readonly isImported: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Nothing in the diagnostics points into another file, where places may move. */
  readonly isLocal: boolean;
}

/** What was found in an unchanged file with unchanged neighbours is what would be found again. */
const kept = new WeakMap<CheckedModule, Map<readonly Rule[], Kept>>();

function ruled(
  program: CheckedProgram,
  module: CheckedModule,
  { group, faults, neighbours }: Round,
): readonly Diagnostic[] {
  const here = faults.filter((fault) => fault.span.file === module.file);
  if (here.length > 0) return runGroup(program, module, group, here);
  let results = kept.get(module);
  if (results === undefined) kept.set(module, (results = new Map<readonly Rule[], Kept>()));
  const old = results.get(group);
  const now = neighbours.of(module);
  const isImported = neighbours.imported.has(module.file);
  if (old !== undefined && old.isImported === isImported) {
    const looksSame = group === localRules ? sameShapes : sameLooks;
    const isSame = old.isLocal ? looksSame : sameModules;
    if (isSame(old.neighbours, now)) return old.diagnostics;
  }
  const diagnostics = runGroup(program, module, group, here);
  const isLocal = diagnostics.every((diagnostic) => isWithin(module.file, diagnostic));
  results.set(group, { neighbours: now, isImported, diagnostics, isLocal });
  return diagnostics;
}

function isWithin(file: string, { span, related = [], fixes = [] }: Diagnostic): boolean {
  return (
    span.file === file &&
    related.every((label) => label.span.file === file) &&
    fixes.every(({ edits }) => edits.every((edit) => edit.span.file === file))
  );
}

function runGroup(
  program: CheckedProgram,
  module: CheckedModule,
  group: readonly Rule[],
  faults: readonly Diagnostic[],
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const isFaulty: RuleContext["isFaulty"] = (node) =>
    faults.some(({ span }) => span.start < node.end && span.end >= node.start);
  const flows = module.symbols.flatMap((symbol) => {
    const declaration = symbol.kind === "flow" ? program.declarationOf(symbol) : undefined;
    return declaration?.kind === "flow" && !isFaulty(declaration.node) ? [declaration] : [];
  });
  const context: RuleContext = {
    program,
    module,
    flows,
    isFaulty,
    add: (diagnostic) => found.push(diagnostic),
    report: (fault: Fault) => found.push(faultDiagnostic(module.file, fault)),
    warn: (fault: Fault) =>
      found.push({ ...faultDiagnostic(module.file, fault), severity: "warning" }),
  };
  for (const rule of group) rule(context);
  return found;
}
