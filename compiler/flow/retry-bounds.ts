import type { Bounds } from "../../plan/plan.ts";
import type { CheckedProgram } from "../types/checked.ts";
import { sum, times, withTime, nothing } from "./bound-sums.ts";
import { noArguments, rangeOf } from "./number-range.ts";
import type { ArgumentTypes, RangeScope } from "./number-range.ts";
import { settingMaximum } from "./setting-range.ts";
import type { SettingMap } from "./setting-range.ts";
import { follow, writtenSetting } from "./written.ts";

const defaultBackoff = { fromMs: 1_000, toMs: 16_000 };

export interface RetryScope {
  readonly program: CheckedProgram;
  readonly args?: ArgumentTypes;
  /** All tries where `attempts` is not set. */
  readonly attempts: number;
}

/** All tries of something, with the longest pauses between them. */
export function retryBounds(attempt: Bounds, settings: SettingMap, scope: RetryScope): Bounds {
  const attempts = attemptsOf(settings, scope);
  return sum(times(attempt, attempts), withTime(nothing, pausesOf(settings, attempts, scope)));
}

/** Null if nobody said where the tries end. */
export function attemptsOf(
  settings: SettingMap,
  { program, args = noArguments, attempts }: RetryScope,
): number | null {
  return settings.has("attempts") ? settingMaximum(settings, "attempts", program, args) : attempts;
}

/** The longest all pauses can take: they double from the shortest to the longest. */
function pausesOf(settings: SettingMap, attempts: number | null, scope: RetryScope): number | null {
  if (attempts === null) return null;
  const { fromMs, toMs } = backoffOf(settings, scope);
  if (fromMs === null || toMs === null) return attempts <= 1 ? 0 : null;
  let [total, pause, left] = [0, fromMs, attempts - 1];
  for (; left > 0 && pause < toMs; left -= 1, pause *= 2) total += pause;
  return total + Math.max(0, left) * toMs;
}

function backoffOf(
  settings: SettingMap,
  { program, args = noArguments }: RetryScope,
): { readonly fromMs: number | null; readonly toMs: number | null } {
  const written = writtenSetting(program, settings.get("backoff"));
  if (written === null) return defaultBackoff;
  const { expression, module } = follow(program, written);
  const scope: RangeScope = { program, module, args };
  if (expression.kind === "binary" && expression.operator === "..") {
    return {
      fromMs: rangeOf(expression.left, scope).max,
      toMs: rangeOf(expression.right, scope).max,
    };
  }
  const fixed = rangeOf(expression, scope).max;
  return { fromMs: fixed, toMs: fixed };
}
