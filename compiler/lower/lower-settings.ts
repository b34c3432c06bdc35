import type { Expression as PlanExpression, Json } from "../../plan/expression.ts";
import type { BudgetPlan, CachePlan, CircuitPlan, RatePlan, RetryPlan } from "../../plan/plan.ts";
import { cacheModel } from "../flow/uses.ts";
import {
  constantNumber,
  constantOf,
  follow,
  writtenRecord,
  writtenSetting,
} from "../flow/written.ts";
import type { Written } from "../flow/written.ts";
import type { ResolvedSetting } from "../types/checked.ts";
import { settingScope } from "./lower-context.ts";
import type { LowerContext, Scope } from "./lower-context.ts";
import { lowerExpression } from "./lower-expression.ts";

export type Settings = ReadonlyMap<string, ResolvedSetting>;

/** What is tried again unless `retryOn` says otherwise: faults that pass. Sorted. */
export const transientCodes = ["circuit_open", "rate_limited", "timeout", "unavailable"] as const;

const defaultBackoff = { fromMs: 1_000, toMs: 16_000 };

export function constant(value: Json): PlanExpression {
  return { op: "value", value };
}

/** `{ [key]: value }`, or nothing to spread for a setting that is not there. */
export function when<Key extends string, Value>(
  key: Key,
  value: Value | null | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined || value === null ? {} : ({ [key]: value } as { [K in Key]: Value });
}

/** A setting as an expression, in the names its place may use. */
export function settingExpression(
  settings: Settings,
  key: string,
  scope: Scope,
): PlanExpression | undefined {
  const setting = settings.get(key);
  if (setting === undefined || setting.value.kind !== "invoke") return undefined;
  return lowerExpression(setting.value.expression, settingScope(scope, setting));
}

export function settingConstant(
  settings: Settings,
  key: string,
  context: LowerContext,
): Json | undefined {
  return constantOf(context.program, writtenSetting(context.program, settings.get(key)));
}

export function settingNumber(
  settings: Settings,
  key: string,
  context: LowerContext,
): number | undefined {
  const value = settingConstant(settings, key, context);
  return typeof value === "number" ? value : undefined;
}

export function settingText(
  settings: Settings,
  key: string,
  context: LowerContext,
): string | undefined {
  const value = settingConstant(settings, key, context);
  return typeof value === "string" ? value : undefined;
}

export function settingTexts(
  settings: Settings,
  key: string,
  context: LowerContext,
): readonly string[] {
  const value = settingConstant(settings, key, context);
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === "string")
    : [];
}

/** Entries of a record setting, as expressions. */
export function settingEntries(
  settings: Settings,
  key: string,
  scope: Scope,
): ReadonlyMap<string, PlanExpression> | null {
  const { program } = scope.context;
  const setting = settings.get(key);
  const written = writtenSetting(program, setting);
  const entries =
    setting === undefined || written === null ? null : writtenRecord(program, written);
  if (entries === null || setting === undefined) return null;
  const inner = settingScope(scope, setting);
  return new Map([...entries].map(([name, entry]) => [name, lowerWritten(entry, inner)]));
}

/** The same of a record that is not written out: each entry is looked up in it. */
function fieldsOf(
  settings: Settings,
  key: string,
  scope: Scope,
): ReadonlyMap<string, PlanExpression> {
  const of = settingExpression(settings, key, scope);
  const written = writtenSetting(scope.context.program, settings.get(key));
  const type = written?.module.typeOf(written.expression);
  if (of === undefined || type?.kind !== "record") return new Map();
  return new Map([...type.fields.keys()].map((name) => [name, { op: "field", of, name }]));
}

/** The entry may come from another file, through a spread. */
export function lowerWritten(written: Written, scope: Scope): PlanExpression {
  return lowerExpression(
    written.expression,
    written.module === scope.module ? scope : { ...scope, module: written.module },
  );
}

export function lowerRetry(settings: Settings, scope: Scope, attempts: number): RetryPlan {
  const codes = settings.has("retryOn")
    ? settingTexts(settings, "retryOn", scope.context)
    : transientCodes;
  return {
    attempts: settingExpression(settings, "attempts", scope) ?? constant(attempts),
    backoff: lowerBackoff(settings, scope),
    retryOn: [...new Set(codes)].sort(),
  };
}

/** Of a call: only if it says something about it. */
export function lowerOwnRetry(settings: Settings, scope: Scope): RetryPlan | undefined {
  const own = settings.has("attempts") || settings.has("backoff") || settings.has("retryOn");
  return own ? lowerRetry(settings, scope, 1) : undefined;
}

function lowerBackoff(settings: Settings, scope: Scope): RetryPlan["backoff"] {
  const setting = settings.get("backoff");
  const written = writtenSetting(scope.context.program, setting);
  if (setting === undefined || written === null) {
    return { fromMs: constant(defaultBackoff.fromMs), toMs: constant(defaultBackoff.toMs) };
  }
  const inner = settingScope(scope, setting);
  const { expression, module } = follow(scope.context.program, written);
  if (expression.kind === "binary" && expression.operator === "..") {
    return {
      fromMs: lowerWritten({ expression: expression.left, module }, inner),
      toMs: lowerWritten({ expression: expression.right, module }, inner),
    };
  }
  const fixed = lowerWritten({ expression, module }, inner);
  return { fromMs: fixed, toMs: fixed };
}

export function lowerBudget(settings: Settings, scope: Scope): BudgetPlan | undefined {
  const entries = settingEntries(settings, "budget", scope) ?? fieldsOf(settings, "budget", scope);
  if (entries.size === 0) return undefined;
  return {
    ...when("cost", entries.get("cost")),
    ...when("tokens", entries.get("tokens")),
    ...when("timeMs", entries.get("time")),
  };
}

export function lowerRate(settings: Settings, context: LowerContext): RatePlan | undefined {
  const { count, perMs } = numbersOf(settingConstant(settings, "rate", context));
  return count === undefined || perMs === undefined ? undefined : { count, perMs };
}

export function lowerCircuit(settings: Settings, context: LowerContext): CircuitPlan | undefined {
  if (!settings.has("circuit")) return undefined;
  const { failures, window, cooldown } = numbersOf(settingConstant(settings, "circuit", context));
  return { failures: failures ?? 5, windowMs: window ?? 60_000, cooldownMs: cooldown ?? 60_000 };
}

export function lowerCache(settings: Settings, context: LowerContext): CachePlan | undefined {
  const { program, names } = context;
  const written = writtenSetting(program, settings.get("cache"));
  const entries = written === null ? null : writtenRecord(program, written);
  const number = (of: Written | null | undefined): number | undefined =>
    of === null || of === undefined ? undefined : constantNumber(program, of);
  const ttlMs = number(entries === null ? written : entries.get("ttl"));
  if (ttlMs === undefined) return undefined;
  const model = cacheModel(program, settings);
  return {
    ttlMs,
    ...when("similarity", number(entries?.get("similarity"))),
    ...when("model", model === null ? undefined : names.of(model)),
  };
}

export function numbersOf(value: Json | undefined): { readonly [key: string]: number | undefined } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const numbers = Object.entries(value).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  return Object.fromEntries(numbers);
}
