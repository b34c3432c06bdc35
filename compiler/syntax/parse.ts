import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { grammar } from "./grammar.ts";
import { isHabit } from "./habits.ts";
import { parseUnit } from "./parse-unit.ts";
import type { ParseResult } from "./parse-result.ts";
import { readHabits } from "./read-habits.ts";
import { scan } from "./scan.ts";
import { splitDeclarations } from "./split-declarations.ts";
import { strayDocs } from "./stray-docs.ts";
import type { Declaration, Doc, Import } from "./tree.ts";

/** Reads a file. Total: any text gives a tree, with diagnostics where it is wrong. */
export function parse(file: string, text: string): ParseResult {
  const scanned = scan(file, text);
  const diagnostics: Diagnostic[] = [...scanned.diagnostics];
  const tokens = readHabits({ file, text }, scanned.tokens, diagnostics);
  const parser = grammar();
  parser.file = file;
  parser.text = text;
  const imports: Import[] = [];
  const declarations: Declaration[] = [];
  const docs = new Set<Doc>();
  for (const unit of splitDeclarations(text, tokens)) {
    const found = parseUnit(parser, unit, docs);
    diagnostics.push(...found.diagnostics);
    for (const node of found.nodes) {
      if (node.kind === "import") imports.push(node);
      else declarations.push(node);
    }
  }
  diagnostics.push(...strayDocs(file, scanned.docs, docs));
  diagnostics.sort((a, b) => a.span.start - b.span.start);
  return {
    file,
    text,
    tree: { kind: "file", start: 0, end: text.length, imports, declarations },
    tokens: scanned.tokens,
    comments: scanned.comments,
    diagnostics,
    formattable: diagnostics.every((one) => one.severity === "warning" || isHabit(one)),
  };
}
