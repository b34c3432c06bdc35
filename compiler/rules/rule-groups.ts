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
import { secretInHistory } from "./secret-in-history.ts";
import { stateWithoutPer } from "./state-without-per.ts";
import { stepsInCircle } from "./steps-in-circle.ts";
import { stubDoesNotFit } from "./stub-does-not-fit.ts";
import { tightBudget } from "./tight-budget.ts";
import { unboundedList } from "./unbounded-list.ts";
import { unboundedRepetition } from "./unbounded-repetition.ts";
import { unfixedConfig, unfixedSetting } from "./unfixed-setting.ts";
import { unknownStepInTest } from "./unknown-step-in-test.ts";
import { unknownTrigger } from "./unknown-trigger.ts";
import { unorderedActingSteps } from "./unordered-acting-steps.ts";
import { unusedName } from "./unused-name.ts";
import { waitWithoutTimeout } from "./wait-without-timeout.ts";
import type { Rule } from "./rule.ts";

/** Rules that run together, after the groups before them have found no faults. */
export interface RuleGroup {
  /** Each looks at one declaration of such a kind at a time, and reports what follows from that one. */
  readonly declared: Readonly<Record<SubjectKind, readonly Rule[]>>;
  /** These look at a file as a whole. */
  readonly whole: readonly Rule[];
  /** These follow who calls whom through the whole program, which is told quickly if nothing is wrong. */
  readonly anywhere: readonly Rule[];
}

/** All rules of a group that look at declarations. */
export function declaredRules(group: RuleGroup): readonly Rule[] {
  let rules = known.get(group);
  if (rules === undefined) {
    rules = [...new Set(Object.values(group.declared).flat())];
    known.set(group, rules);
  }
  return rules;
}

const known = new Map<RuleGroup, readonly Rule[]>();

/** `settings`: whatever has settings and no steps. */
export type SubjectKind = "flow" | "settings" | "test" | "config";

/** Each looks at one declaration at a time, so faults elsewhere do not mislead it. */
export const localRules: RuleGroup = {
  declared: {
    flow: [
      stepsInCircle,
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
    ],
    settings: [unboundedRepetition, unfixedSetting],
    test: [unfixedSetting],
    config: [unfixedConfig],
  },
  whole: [longLet],
  anywhere: [recursiveFlow, deepCalls],
};

/** These follow calls and data through the program; with a fault on the way they would report what is none. */
export const globalRules: RuleGroup = {
  declared: {
    flow: [
      waitWithoutTimeout,
      unorderedActingSteps,
      earlyUndo,
      actsTwice,
      insufficientBudget,
      labels,
      secretInHistory,
    ],
    settings: [waitWithoutTimeout, actsTwice, insufficientBudget],
    test: [unknownStepInTest, missingStub, stubDoesNotFit],
    config: [],
  },
  whole: [],
  anywhere: [],
};

/** Advice is for programs that are right. */
export const adviceRules: RuleGroup = {
  declared: { flow: [tightBudget], settings: [tightBudget], test: [], config: [] },
  whole: [unusedName],
  anywhere: [],
};

export const ruleGroups = [localRules, globalRules, adviceRules] as const;
