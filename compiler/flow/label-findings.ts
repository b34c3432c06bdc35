import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { faultDiagnostic } from "../names/reporter.ts";
import type { Fault } from "../names/reporter.ts";
import type { Interpolation } from "../syntax/tree.ts";
import { filledDiagnostic } from "./marked-arguments.ts";
import type { ArgumentTaints } from "./taint.ts";

/**
 * Collects what the analysis of labels finds. One place is reported once, on whichever way untrusted text came there.
 *
 * What called flows found is linked, not copied: it would be copied again at every level of calls above them.
 */
export class LabelFindings {
  readonly #parts = new Set<Interpolation>();
  readonly #diagnostics = new Map<string, Diagnostic>();
  readonly #included = new Set<LabelFindings>();
  #isFaulty = false;

  report(file: string, fault: Fault): void {
    this.#isFaulty = true;
    const key = `${fault.code} ${file} ${fault.at.start} ${fault.at.end}`;
    if (!this.#diagnostics.has(key)) this.#diagnostics.set(key, faultDiagnostic(file, fault));
  }

  /** A value in a prompt that untrusted text can reach. */
  reach(part: Interpolation): void {
    this.#parts.add(part);
  }

  /** Takes what is complete. */
  include(other: LabelFindings): void {
    if (other.#isEmpty()) return;
    this.#included.add(other);
    if (other.#isFaulty) this.#isFaulty = true;
  }

  /** True if there is a diagnostic here or in anything included. */
  get isFaulty(): boolean {
    return this.#isFaulty;
  }

  /** What was found for all callers, as one of them sees it. */
  filled(args: ArgumentTaints): LabelFindings {
    if (!this.#isFaulty) return this;
    const own = new LabelFindings();
    own.#isFaulty = true;
    for (const findings of withIncluded<LabelFindings>([this], (one) => one.#included)) {
      for (const part of findings.#parts) own.#parts.add(part);
      for (const [key, diagnostic] of findings.#diagnostics)
        if (!own.#diagnostics.has(key))
          own.#diagnostics.set(key, filledDiagnostic(diagnostic, args));
    }
    return own;
  }

  diagnostics(): readonly Diagnostic[] {
    // Nearly every program is right, and all that is below would be walked for nothing.
    if (!this.#isFaulty) return [];
    const found = new Map<string, Diagnostic>();
    for (const findings of withIncluded<LabelFindings>([this], (one) => one.#included))
      for (const [key, diagnostic] of findings.#diagnostics)
        if (!found.has(key)) found.set(key, diagnostic);
    return [...found.values()];
  }

  #isEmpty(): boolean {
    return this.#parts.size === 0 && !this.#isFaulty && this.#included.size === 0;
  }

  /** All values in prompts that untrusted text can reach. */
  static reached(all: Iterable<LabelFindings>): ReadonlySet<Interpolation> {
    const parts = new Set<Interpolation>();
    for (const findings of withIncluded(all, (one) => one.#included))
      for (const part of findings.#parts) parts.add(part);
    return parts;
  }
}

/** Each once. */
function withIncluded<T>(roots: Iterable<T>, includedBy: (one: T) => Iterable<T>): ReadonlySet<T> {
  const all = new Set(roots);
  // A set visits what is added while it is walked.
  for (const one of all) for (const other of includedBy(one)) all.add(other);
  return all;
}
