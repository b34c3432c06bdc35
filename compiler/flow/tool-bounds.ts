import type { Bounds } from "../../plan/plan.ts";
import type { CheckedProgram, CheckedTool } from "../types/checked.ts";
import { nothing } from "./bound-sums.ts";
import { retryBounds } from "./retry-bounds.ts";
import { settingMaximum } from "./setting-range.ts";

const defaultTimeoutMs = 30_000;

/** One call of a tool: all its attempts. */
export function toolBounds(program: CheckedProgram, tool: CheckedTool): Bounds {
  const timeMs = tool.settings.has("timeout")
    ? settingMaximum(tool.settings, "timeout", program)
    : defaultTimeoutMs;
  return retryBounds({ ...nothing, toolCalls: 1, timeMs }, tool.settings, { program, attempts: 1 });
}
