import { isBalanced } from "./brackets.ts";
import { lineEnd, lineStart } from "./characters.ts";
import { candidateChanges } from "./candidate-changes.ts";
import type { Trouble } from "./candidate-changes.ts";
import { applyChange } from "./change.ts";
import type { Change } from "./change.ts";
import type { Attempt, Fault, Findings, GrammarBase } from "./grammar-base.ts";
import { isShaped } from "./split-declarations.ts";
import type { Token } from "./tokens.ts";

/** A change that was tried, and what parsing gave after it. */
export interface Mend<T> {
  readonly change: Change;
  readonly tokens: Token[];
  readonly attempt: Attempt<T>;
}

/** How many tokens the search may still touch; shared by all faults of a file so that its time stays bounded. */
export interface Budget {
  left: number;
}

/** What trying one change costs: the copy of the tokens, and what is read of them. */
export function spend(budget: Budget, tokens: readonly Token[], fault: Fault | null): void {
  budget.left -= 50 + tokens.length + (fault === null ? tokens.length : fault.index);
}

/** A change that does not mend all must let the parser read so many tokens more, or it mended nothing. */
const leastGain = 6;

/**
 * Looks for one change of the tokens after which the unit parses, or at least parses much further. Nothing is
 * guessed that was not tried; so what is proposed to people is known to work.
 */
export function findMend<T>(
  parser: GrammarBase,
  { rule, tokens, fault }: { rule: () => T; tokens: Token[]; fault: Fault },
  budget: Budget,
): Mend<T> | null {
  if (budget.left <= 0) return null;
  const tried = new Set<string>();
  const before = tokens.length - fault.index;
  let best: Mend<T> | null = null;
  let bestGain = leastGain - 1;
  let second: Mend<T> | null = null;
  const trouble = { text: parser.text, tokens, fault, balanced: isBalanced(tokens) };
  for (const change of candidateChanges(trouble)) {
    if (!isPossible(change, tokens.length) || isKnown(tried, change)) continue;
    if (budget.left <= 0) return second ?? best;
    const changed = applyChange(parser.text, tokens, change);
    const attempt = parser.attempt(rule, changed);
    spend(budget, changed, attempt.fault);
    if (attempt.fault === null) {
      if (!isForced(parser.text, trouble, change, attempt))
        return { change, tokens: changed, attempt };
      second ??= { change, tokens: changed, attempt };
      continue;
    }
    const { fault: rest } = attempt;
    if (rest.kind === "left-over" && rest.index > change.at && isShaped(changed, rest.index)) {
      return { change, tokens: changed, attempt };
    }
    const gain = before - (changed.length - attempt.fault.index);
    if (gain <= bestGain || change.kind === "rename") continue;
    bestGain = gain;
    best = { change, tokens: changed, attempt };
  }
  return second ?? best;
}

/** A change that makes a habit of what stands beside it is hardly what was meant. */
function isForced(
  text: string,
  { tokens, fault }: Trouble,
  { at }: Change,
  { diagnostics }: Findings,
): boolean {
  if (diagnostics.length === 0) return false;
  const last = tokens.length - 1;
  const from = lineStart(text, tokens[Math.min(at, fault.index, last)]?.start ?? 0);
  const to = lineEnd(
    text,
    tokens[Math.min(Math.max(at, fault.index), last)]?.start ?? 0,
    text.length,
  );
  return diagnostics.some(({ span }) => span.start >= from && span.start <= to);
}

function isPossible({ kind, at }: Change, length: number): boolean {
  return at >= (kind === "join" ? 1 : 0) && (kind === "insert" ? at <= length : at < length);
}

function isKnown(tried: Set<string>, change: Change): boolean {
  const what =
    "what" in change && !Array.isArray(change.what) ? (change.what as { name: string }).name : "";
  const key = `${change.kind} ${change.at} ${what}`;
  if (tried.has(key)) return true;
  tried.add(key);
  return false;
}
