import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Fault } from "../names/reporter.ts";
import type { CheckedFlow, CheckedModule, CheckedProgram } from "../types/checked.ts";

/**
 * A rule looks at one file of a program whose names and types are right, and reports what is wrong beyond them. One rule, one
 * file, one test, one code.
 */
export type Rule = (context: RuleContext) => void;

export interface RuleContext {
  readonly program: CheckedProgram;
  readonly module: CheckedModule;
  /** Flows of the file, without those in which something was reported already. */
  readonly flows: readonly CheckedFlow[];
  /** True if something was reported inside the node already: what follows from that is not reported again. */
  isFaulty(node: { readonly start: number; readonly end: number }): boolean;
  /** Something found in whatever file; reported once, even if several files lead there. */
  add(diagnostic: Diagnostic): void;
  report(fault: Fault): void;
  warn(fault: Fault): void;
}
