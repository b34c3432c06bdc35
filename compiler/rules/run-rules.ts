import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { faultDiagnostic } from "../names/reporter.ts";
import type { Fault } from "../names/reporter.ts";
import type { CheckedModule, CheckedProgram } from "../types/checked.ts";
import { actsTwice } from "./acts-twice.ts";
import { handoffTarget } from "./handoff-target.ts";
import { impossibleSchedule } from "./impossible-schedule.ts";
import { insufficientBudget } from "./insufficient-budget.ts";
import { labels } from "./labels.ts";
import { missingStub } from "./missing-stub.ts";
import { needsWithoutKey } from "./needs-without-key.ts";
import { openHttpTrigger } from "./open-http-trigger.ts";
import { recursiveFlow } from "./recursive-flow.ts";
import { repeatWithoutUntil } from "./repeat-without-until.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { stateWithoutPer } from "./state-without-per.ts";
import { stepsInCircle } from "./steps-in-circle.ts";
import { stubDoesNotFit } from "./stub-does-not-fit.ts";
import { tightBudget } from "./tight-budget.ts";
import { unboundedList } from "./unbounded-list.ts";
import { unboundedRepetition } from "./unbounded-repetition.ts";
import { unknownStepInTest } from "./unknown-step-in-test.ts";
import { unknownTrigger } from "./unknown-trigger.ts";
import { unorderedActingSteps } from "./unordered-acting-steps.ts";
import { unusedName } from "./unused-name.ts";
import { waitWithoutTimeout } from "./wait-without-timeout.ts";

/** Each looks at one declaration at a time, so faults elsewhere do not mislead it. */
const localRules: readonly Rule[] = [
  stepsInCircle,
  recursiveFlow,
  needsWithoutKey,
  repeatWithoutUntil,
  handoffTarget,
  unboundedList,
  unboundedRepetition,
  unknownTrigger,
  openHttpTrigger,
  impossibleSchedule,
  stateWithoutPer,
];

/** These follow calls and data through the program; with a fault on the way they would report what is none. */
const globalRules: readonly Rule[] = [
  waitWithoutTimeout,
  unorderedActingSteps,
  actsTwice,
  insufficientBudget,
  labels,
  unknownStepInTest,
  missingStub,
  stubDoesNotFit,
];

/** Advice is for programs that are right. */
const adviceRules: readonly Rule[] = [tightBudget, unusedName];

/** What the rules say about a program, in order of files and places. */
export function runRules(program: CheckedProgram): readonly Diagnostic[] {
  const modules = [...program.modules.values()];
  const before = [
    ...modules.flatMap(({ parse }) => parse.diagnostics),
    ...program.diagnostics,
  ].filter(isFault);
  const found: Diagnostic[] = [];
  for (const group of [localRules, globalRules, adviceRules]) {
    // Each group sees what the groups before it have reported.
    const faults = [...before, ...found].filter(isFault);
    if (group !== localRules && faults.length > 0) break;
    for (const module of modules) {
      for (const rule of group) rule(contextOf(program, module, faults, found));
    }
  }
  return found;
}

/** Habits of other languages are reported, but understood as they were meant: nothing follows from them. */
function isFault({ severity, code }: Diagnostic): boolean {
  return severity === "error" && (code < "AF1010" || code > "AF1020");
}

function contextOf(
  program: CheckedProgram,
  module: CheckedModule,
  faults: readonly Diagnostic[],
  found: Diagnostic[],
): RuleContext {
  const here = faults.filter((fault) => fault.span.file === module.file);
  const isFaulty: RuleContext["isFaulty"] = (node) =>
    here.some(({ span }) => span.start < node.end && span.end >= node.start);
  const flows = module.symbols.flatMap((symbol) => {
    const declaration = symbol.kind === "flow" ? program.declarationOf(symbol) : undefined;
    return declaration?.kind === "flow" && !isFaulty(declaration.node) ? [declaration] : [];
  });
  return {
    program,
    module,
    flows,
    isFaulty,
    report: (fault: Fault) => found.push(faultDiagnostic(module.file, fault)),
    warn: (fault: Fault) =>
      found.push({ ...faultDiagnostic(module.file, fault), severity: "warning" }),
  };
}
