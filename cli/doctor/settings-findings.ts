import type { Invocation } from "../command-spec.ts";
import { findSettings } from "../settings/find-settings.ts";
import { loadSettings, type EffectiveSetting } from "../settings/load-settings.ts";
import { UserMistake } from "../user-mistake.ts";
import type { Finding } from "./finding.ts";

export interface SettingsReport {
  readonly findings: readonly Finding[];
  /** As they hold, without passwords. */
  readonly effective: readonly EffectiveSetting[];
}

/** The settings of processes: whether they can be used, and what holds. */
export function settingsFindings({ options, environment }: Invocation): SettingsReport {
  try {
    const file = findSettings(options.text("config"), environment);
    const { problems, effective } = loadSettings({ environment, file, options });
    const told = effective.filter(({ source }) => source !== "default").length;
    const fine: Finding = {
      state: "fine",
      subject: "settings",
      message: `${file?.name ?? "no agentflow.config.yaml"}; ${told === 0 ? "all defaults" : `${told} set, the rest defaults`}`,
    };
    const broken = problems.map(({ message, hint }): Finding => ({
      state: "broken",
      subject: "settings",
      message,
      advice: hint,
    }));
    return { findings: broken.length > 0 ? broken : [fine], effective };
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
    const finding: Finding = { state: "broken", subject: "settings", message: error.message };
    return { findings: [finding], effective: [] };
  }
}
