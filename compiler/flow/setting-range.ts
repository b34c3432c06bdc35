import type { CheckedProgram, ResolvedSetting } from "../types/checked.ts";
import { noArguments, rangeOfWritten } from "./number-range.ts";
import type { ArgumentTypes } from "./number-range.ts";
import { writtenSetting } from "./written.ts";

export type SettingMap = ReadonlyMap<string, ResolvedSetting>;

/** The largest value a number or duration setting can have; null if it is not there or unbounded. */
export function settingMaximum(
  settings: SettingMap,
  key: string,
  program: CheckedProgram,
  args: ArgumentTypes = noArguments,
): number | null {
  return rangeOfWritten(writtenSetting(program, settings.get(key)), program, args).max;
}
