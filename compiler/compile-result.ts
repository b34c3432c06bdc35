import type { Plan } from "../plan/plan.ts";
import type { TestPlan } from "../plan/test-plan.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";

/**
 * Where the compiler reads files: paths are absolute or relative to the caller's choice, always
 * `/`-separated. `read` gives null for a file that does not exist. `std/…` modules are asked for as
 * `std/slack.agentflow`. The compiler itself touches no disk.
 */
export interface CompilerHost {
  read(path: string): string | null;
  /** Paths of the files in a folder, for suggestions when an import names no file. */
  list?(folder: string): readonly string[];
}

/** Result of `check(host, entries)`. */
export interface CheckResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Text of every file that was read, by path: what rendering needs. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Result of `compile(host, entry)`: a plan only when there is no error. */
export interface CompileResult extends CheckResult {
  readonly plan: Plan | null;
  readonly tests: readonly TestPlan[];
}
