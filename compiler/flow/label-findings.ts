import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { faultDiagnostic } from "../names/reporter.ts";
import type { Fault } from "../names/reporter.ts";
import type { Interpolation } from "../syntax/tree.ts";
import { filledDiagnostic } from "./marked-arguments.ts";
import type { ArgumentTaints } from "./taint.ts";

/** Collects what the analysis of labels finds. One place is reported once, on whichever way untrusted text came there. */
export class LabelFindings {
  readonly untrusted = new Set<Interpolation>();
  readonly #diagnostics = new Map<string, Diagnostic>();

  report(file: string, fault: Fault): void {
    const key = `${fault.code} ${file} ${fault.at.start} ${fault.at.end}`;
    if (!this.#diagnostics.has(key)) this.#diagnostics.set(key, faultDiagnostic(file, fault));
  }

  include(other: LabelFindings): void {
    for (const part of other.untrusted) this.untrusted.add(part);
    for (const [key, diagnostic] of other.#diagnostics) {
      if (!this.#diagnostics.has(key)) this.#diagnostics.set(key, diagnostic);
    }
  }

  /** What was found for all callers, as one of them sees it. */
  filled(args: ArgumentTaints): LabelFindings {
    if (this.#diagnostics.size === 0) return this;
    const own = new LabelFindings();
    for (const part of this.untrusted) own.untrusted.add(part);
    for (const [key, diagnostic] of this.#diagnostics)
      own.#diagnostics.set(key, filledDiagnostic(diagnostic, args));
    return own;
  }

  diagnostics(): readonly Diagnostic[] {
    return [...this.#diagnostics.values()];
  }
}
