import { withoutParentheses } from "../names/plain-text.ts";
import { oneOf } from "../names/suggest.ts";
import type { Expression } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { describe } from "./describe.ts";
import { expectFit, keepExpected } from "./expect.ts";
import { fits } from "./mismatch.ts";
import { reportSetting } from "./report-setting.ts";
import type { SettingUse } from "./setting-owner.ts";
import type { SettingCheck } from "./setting-check.ts";
import type { SettingSpec, SpecialValue } from "./settings-table.ts";
import { callableChecks } from "./check-callable-setting.ts";
import { referenceChecks } from "./check-references.ts";
import { actionChecks, stepChecks } from "./check-step-setting.ts";
import { worldChecks } from "./check-world-setting.ts";
import type { Type } from "./type.ts";

/** One setting's value: of one of the types the table names, or judged by a check of its own. */
export function checkSettingValue(c: Checker, use: SettingUse): void {
  const { spec, entry } = use;
  const { value } = spec;
  if (value === "action" || value === "undo" || (value === "next" && spec.key === "onIdle")) {
    actionChecks[value](c, use);
    return;
  }
  if (entry.value.kind !== "invoke" || entry.value.block !== null) {
    reportAction(c, use);
    return;
  }
  const { expression } = entry.value;
  if (typeof value !== "string") {
    expectOneOf(c, use, expression, value);
    return;
  }
  checks[value](c, use, expression);
}

const checks: Readonly<Record<Exclude<SpecialValue, "action" | "undo">, SettingCheck>> = {
  ...referenceChecks,
  ...callableChecks,
  ...worldChecks,
  ...stepChecks,
};

/** A block or a call with settings where a value is wanted. */
function reportAction(c: Checker, { spec, entry, scope }: SettingUse): void {
  const isCall = entry.value.kind === "invoke";
  const keyword = isCall ? "a call" : `\`${entry.value.kind}\``;
  c.report({
    code: "AF4005",
    at: isCall
      ? entry.value
      : { start: entry.value.start, end: entry.value.start + entry.value.kind.length },
    message: `\`${spec.key}\` takes a value, and ${keyword} is an action`,
    help: `make it a step, and write the step's name here: \`${spec.key}: name\``,
  });
  c.silently(() => c.checkAction(entry.value, scope));
}

function expectOneOf(
  c: Checker,
  { spec, scope }: SettingUse,
  expression: Expression,
  wanted: readonly Type[],
): void {
  // `60/m` is a rate with a unit that does not exist, not a division.
  const isRate = spec.key === "rate" && expression.kind === "binary" && expression.operator === "/";
  if (isRate) {
    c.silently(() => c.infer(expression, scope));
    return reportSetting(c, spec, expression, "counts per `s`, `min`, `h` or `d`");
  }
  const type = c.infer(expression, scope, { hint: wanted[0] });
  const fitting = fittingOf(c, type, wanted);
  if (fitting !== undefined) {
    keepExpected(c, expression, type, fitting);
    reportSenseless(c, spec, expression);
    return;
  }
  const near = wanted.find((candidate) => sameSort(type, candidate));
  if (near !== undefined) {
    expectFit(c, expression, {
      scope,
      target: near,
      what: `\`${spec.key}\``,
      example: `${spec.key}: ${spec.example}`,
    });
    return;
  }
  reportSetting(
    c,
    spec,
    expression,
    `must be ${oneOf(wanted.map(describe))}, not ${describe(type)}`,
  );
}

function fittingOf(c: Checker, type: Type, wanted: readonly Type[]): Type | undefined {
  for (const candidate of wanted) if (fits(c.world, type, candidate)) return candidate;
  return undefined;
}

/** Rates and percentages have no ranges in their types. */
function reportSenseless(c: Checker, spec: SettingSpec, expression: Expression): void {
  const node = withoutParentheses(expression);
  if (node.kind !== "literal") return;
  const { type, value } = node;
  const isStopped = type === "rate" && typeof value === "object" && value?.count === 0;
  const isMoreThanAll = type === "percent" && typeof value === "number" && value > 1;
  if (!isStopped && !isMoreThanAll) return;
  c.report({
    code: "AF3001",
    at: node,
    message: isStopped
      ? `a \`${spec.key}\` of 0 would let nothing through, ever`
      : `\`${spec.key}\` is a part of the whole, at most \`100%\``,
    help: `write it like \`${spec.key}: ${spec.example}\``,
  });
}

/** Types of one sort differ in a detail that has its own message; others are the wrong thing altogether. */
function sameSort(type: Type, wanted: Type): boolean {
  if (type.kind === "optional" || type.kind === "null" || type.kind === "secret") return true;
  if (wanted.kind === "union") return type.kind === "literal" || type.kind === "union";
  if (wanted.kind === "url" || wanted.kind === "email") return type.kind === "literal";
  return type.kind === wanted.kind;
}
