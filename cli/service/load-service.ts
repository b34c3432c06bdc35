import type { Invocation } from "../command-spec.ts";
import { cannotStart, readSettings } from "../settings/read-settings.ts";
import type { Settings } from "../settings/settings.ts";
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
  const { settings, obstacles, printed } = readSettings(invocation);
  const wanted = words.length > 0 ? words : (settings?.programs ?? []);
  const served =
    serves && wanted.length > 0
      ? await loadServed(wanted, { invocation, environmentName: settings?.environment ?? null })
      : { programs: [], problems: [] };
  const all = [...obstacles, ...served.problems];
  if (settings !== null && all.length === 0) return { settings, programs: served.programs };
  const text = printed + served.problems.map((problem) => `${problem.text}\n`).join("");
  throw cannotStart(all, text, obstacles.length > 0 || words.length === 0);
}
