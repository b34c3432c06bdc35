import type { Repository, Rule, Violation } from "./rule.ts";
import { ambient } from "./rules/ambient.ts";
import { arrows } from "./rules/arrows.ts";
import { bannedSyntax } from "./rules/banned-syntax.ts";
import { doors } from "./rules/doors.ts";
import { fileNames } from "./rules/file-names.ts";
import { importCycles } from "./rules/import-cycles.ts";
import { lengths } from "./rules/lengths.ts";
import { machinePaths } from "./rules/machine-paths.ts";
import { homes } from "./rules/package-homes.ts";
import { unfinishedWork } from "./rules/unfinished-work.ts";

export const rules: Readonly<Record<string, Rule>> = {
  ambient,
  arrows,
  "banned-syntax": bannedSyntax,
  doors,
  "file-names": fileNames,
  "import-cycles": importCycles,
  lengths,
  "machine-paths": machinePaths,
  "package-homes": homes,
  "unfinished-work": unfinishedWork,
};

/** All violations, in the order of files and lines, each with the name of its rule. */
export function checkRepository(repository: Repository): (Violation & { readonly rule: string })[] {
  return Object.entries(rules)
    .flatMap(([rule, check]) => check(repository).map((violation) => ({ ...violation, rule })))
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}
