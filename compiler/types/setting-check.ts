import type { Expression } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import type { SettingUse } from "./setting-owner.ts";

/** Judges the value of a setting that is more than a type. */
export type SettingCheck = (c: Checker, use: SettingUse, expression: Expression) => void;
