import type { Invocation } from "../command-spec.ts";
import { findSettings } from "../settings/find-settings.ts";
import { loadSettings } from "../settings/load-settings.ts";
import { printProblems } from "../settings/settings-problem.ts";
import type { Settings } from "../settings/settings.ts";
import { UserMistake } from "../user-mistake.ts";
import { loadServed, type Served } from "./load-served.ts";

export interface LoadedService {
  readonly settings: Settings;
  readonly programs: readonly Served[];
}

/**
 * Reads the settings and the programs to serve. Whatever keeps the process from its work is told at once.
 *
 * @throws UserMistake with the list.
 */
export async function loadService(
  invocation: Invocation,
  { serves, words = [] }: { readonly serves: boolean; readonly words?: readonly string[] },
): Promise<LoadedService> {
  const { options, environment, terminal } = invocation;
  const file = findSettings(options.text("config"), environment);
  const { settings, problems } = loadSettings({ environment, file, options });
  const printed =
    problems.length === 0 ? "" : `${printProblems(problems, file, terminal.errColors)}\n`;
  const wanted = words.length > 0 ? words : (settings?.programs ?? []);
  const served =
    serves && wanted.length > 0
      ? await loadServed(wanted, { invocation, environmentName: settings?.environment ?? null })
      : { programs: [], problems: [] };
  const count = problems.length + served.problems.length;
  if (settings !== null && count === 0) return { settings, programs: served.programs };
  throw new UserMistake(
    count === 1 ? "one thing keeps this from starting" : `${count} things keep this from starting`,
    {
      code: "cannot_start",
      before: `${printed}${served.problems.map(({ text }) => `${text}\n`).join("\n")}${served.problems.length > 0 ? "\n" : ""}`,
      hints: ["agentflow doctor shows the settings as they hold, and where each comes from"],
      data: {
        problems: [
          ...problems.map(({ message, hint, origin }) => ({ origin, message, hint })),
          ...served.problems.map(({ program, message }) => ({ origin: program, message })),
        ],
      },
    },
  );
}
