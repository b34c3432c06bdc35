import type { Invocation } from "../command-spec.ts";
import { UserMistake } from "../user-mistake.ts";
import { findSettings } from "./find-settings.ts";
import { loadSettings } from "./load-settings.ts";
import { printProblems } from "./settings-problem.ts";
import type { Settings } from "./settings.ts";

/** What keeps a command from its work. */
export interface Obstacle {
  /** Where it comes from: a file, a variable, a program. */
  readonly origin: string;
  readonly message: string;
  readonly hint: string | null;
}

export interface SettingsReading {
  /** Null when there are obstacles. */
  readonly settings: Settings | null;
  readonly obstacles: readonly Obstacle[];
  /** All obstacles, for people. */
  readonly printed: string;
}

/** The settings that hold for a command. @throws UserMistake when the file that was named is not there. */
export function readSettings({ options, environment, terminal }: Invocation): SettingsReading {
  const file = findSettings(options.text("config"), environment);
  const { settings, problems } = loadSettings({ environment, file, options });
  return {
    settings,
    obstacles: problems,
    printed: problems.length === 0 ? "" : `${printProblems(problems, file, terminal.errColors)}\n`,
  };
}

/** `isOfSettings` is false when all of it was typed, or stands in a program: settings tell nothing about that. */
export function cannotStart(
  obstacles: readonly Obstacle[],
  printed: string,
  isOfSettings = true,
): UserMistake {
  const { length } = obstacles;
  return new UserMistake(
    length === 1
      ? "one thing keeps this from starting"
      : `${length} things keep this from starting`,
    {
      code: "cannot_start",
      before: printed,
      hints: isOfSettings
        ? ["agentflow doctor shows the settings as they hold, and where each comes from"]
        : [],
      data: {
        problems: obstacles.map(({ origin, message, hint }) => ({ origin, message, hint })),
      },
    },
  );
}
