import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { cutOut } from "./cut-out.ts";
import type { DiagnosticList } from "./diagnostic-list.ts";
import { describeInterpolation } from "./describe-interpolation.ts";
import type { Grammar } from "./grammar.ts";
import { findMend } from "./mend.ts";
import type { Budget, Mend } from "./mend.ts";
import { readHabits } from "./read-habits.ts";
import { scan } from "./scan.ts";
import type { OpenInterpolation } from "./text-literal.ts";
import type { Expression } from "./tree.ts";

interface Session {
  readonly parser: Grammar;
  readonly budget: Budget;
  readonly diagnostics: DiagnosticList;
}

/** Reads the expression of one `${…}`. At most one error is reported for each. */
export function parseInterpolation(session: Session, open: OpenInterpolation): void {
  const { parser, budget, diagnostics } = session;
  const { file, text } = parser;
  const scanned = scan(file, text, open);
  const found: Diagnostic[] = [...scanned.diagnostics.items];
  const tokens = readHabits({ file, text }, scanned.tokens, found);
  const rule = parser.expression;
  let attempt = parser.attempt<Expression>(rule, tokens);
  if (attempt.fault !== null) {
    const trouble = { rule, tokens, fault: attempt.fault };
    found.unshift(describeInterpolation(parser, open, trouble));
    const mend: Mend<Expression> | null =
      findMend(parser, trouble, budget) ?? cutOut(parser, trouble, budget);
    if (mend !== null) ({ attempt } = mend);
  }
  diagnostics.push(...(attempt.fault === null ? found : found.slice(0, 1)));
  if (attempt.fault !== null) return;
  open.place(attempt.node);
  diagnostics.push(...attempt.diagnostics);
  for (const inner of attempt.interpolations) parseInterpolation(session, inner);
}
