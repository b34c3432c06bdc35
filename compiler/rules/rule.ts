import type { BodySummary } from "../flow/body-summary.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Fault } from "../names/reporter.ts";
import type { Block, ConfigDeclaration, TestDeclaration } from "../syntax/tree.ts";
import type {
  CheckedCallable,
  CheckedFlow,
  CheckedModel,
  CheckedModule,
  CheckedProgram,
  CheckedRole,
} from "../types/checked.ts";

/**
 * A rule looks at one file of a program whose names and types are right, and reports what is wrong beyond them. One rule, one
 * file, one test, one code.
 *
 * Results are kept: what a rule reads inside a flow of another file is one of its labels, bounds or effects, or stands in
 * `flow/calls-text.ts`.
 */
export type Rule = (context: RuleContext) => void;

export type DeclarationWithSettings = CheckedCallable | CheckedModel | CheckedRole;

export interface RuleContext {
  readonly program: CheckedProgram;
  readonly module: CheckedModule;
  /** What has settings: all in the file, or the one that has changed, without that in which something was reported already. */
  readonly declarations: readonly DeclarationWithSettings[];
  readonly tests: readonly TestDeclaration[];
  readonly configs: readonly ConfigDeclaration[];
  /** The flows among the declarations. */
  readonly flows: readonly CheckedFlow[];
  /** True if something was reported inside the node already: what follows from that is not reported again. */
  isFaulty(node: { readonly start: number; readonly end: number }): boolean;
  summaryOf(block: Block): BodySummary;
  /** Something found in whatever file; reported once, even if several files lead there. */
  add(diagnostic: Diagnostic): void;
  report(fault: Fault): void;
  warn(fault: Fault): void;
}
