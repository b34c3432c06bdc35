import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Attempt } from "./grammar-base.ts";
import type { Grammar } from "./grammar.ts";
import { readHabits } from "./read-habits.ts";
import { scan } from "./scan.ts";
import type { Unit } from "./split-declarations.ts";
import type { OpenInterpolation } from "./text-literal.ts";
import { Import as ImportWord } from "./tokens.ts";
import type { Declaration, Doc, Expression, Import } from "./tree.ts";

export interface UnitResult {
  readonly nodes: readonly (Import | Declaration)[];
  readonly diagnostics: Diagnostic[];
}

/** Reads one unit of a file. Doc comments that found their node are added to `docs`. */
export function parseUnit(parser: Grammar, unit: Unit, docs: Set<Doc>): UnitResult {
  const { tokens } = unit;
  const isImport = tokens[0]?.tokenTypeIdx === ImportWord.tokenTypeIdx;
  const attempt: Attempt<Import | Declaration> = isImport
    ? parser.attempt(parser.importDeclaration, tokens)
    : parser.attempt(parser.declaration, tokens);
  if (attempt.fault !== null) {
    const at = tokens[attempt.fault.index] ?? tokens.at(-1);
    const { kind, expected, rules } = attempt.fault;
    return {
      nodes: [],
      diagnostics: [
        {
          code: "AF1002",
          severity: "error",
          message: `${kind} ${expected?.name ?? ""} ${rules.join(" ")}`,
          span: { file: parser.file, start: at?.start ?? 0, end: at?.end ?? 0 },
        },
      ],
    };
  }
  const diagnostics = [...attempt.diagnostics];
  for (const doc of attempt.docs) docs.add(doc);
  for (const open of attempt.interpolations) parseInterpolation(parser, open, diagnostics);
  return { nodes: [attempt.node], diagnostics };
}

function parseInterpolation(parser: Grammar, open: OpenInterpolation, diagnostics: Diagnostic[]): void {
  const { file, text } = parser;
  const scanned = scan(file, text, open);
  diagnostics.push(...scanned.diagnostics);
  const tokens = readHabits({ file, text }, scanned.tokens, diagnostics);
  const attempt: Attempt<Expression> = parser.attempt(parser.expression, tokens);
  if (attempt.fault === null) {
    open.place(attempt.node);
    diagnostics.push(...attempt.diagnostics);
    return;
  }
  diagnostics.push({
    code: "AF1004",
    severity: "error",
    message: `bad interpolation`,
    span: { file, start: open.start, end: open.end },
  });
}
