import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { grammar } from "./grammar.ts";
import { LineMap } from "../source/line-map.ts";
import { isHabit } from "./habits.ts";
import { lateImports } from "./late-imports.ts";
import { parseUnit } from "./parse-unit.ts";
import type { Session } from "./parse-unit.ts";
import type { ParseResult } from "./parse-result.ts";
import { readForeignBlocks } from "./read-foreign-blocks.ts";
import { readHabits } from "./read-habits.ts";
import { scan } from "./scan.ts";
import { splitDeclarations } from "./split-declarations.ts";
import { strayDocs } from "./stray-docs.ts";
import { TokenList } from "./token-list.ts";

/**
 * How many tokens the search for mends may read in one file. A single fault takes some thousands; the limit is for
 * files that are no programs at all.
 */
const searchBudget = 3_000_000;

/** Reads a file. Total: any text gives a tree, with diagnostics where it is wrong. */
export function parse(file: string, text: string): ParseResult {
  const scanned = scan(file, text);
  const { diagnostics } = scanned;
  const source = { file, text };
  const habitual = readHabits(source, scanned.tokens, diagnostics);
  const tokens = readForeignBlocks(source, habitual, diagnostics);
  const parser = grammar();
  parser.load(file, text);
  const lines = new LineMap(text);
  const session: Session = {
    parser,
    budget: { left: searchBudget },
    diagnostics,
    lines,
    faultyUnits: 0,
    faultyLines: new Set(
      diagnostics.items.filter(isFault).map(({ span }) => lines.positionAt(span.start).line),
    ),
    docs: new Set(),
    nodes: [],
  };
  for (const unit of splitDeclarations(text, tokens)) parseUnit(session, unit);
  const { nodes } = session;
  diagnostics.push(...strayDocs(file, scanned.docs, session.docs));
  diagnostics.push(...lateImports(file, nodes));
  const found = diagnostics.items.sort((a, b) => a.span.start - b.span.start);
  const imports = nodes.filter((node) => node.kind === "import");
  const declarations = nodes.filter((node) => node.kind !== "import");
  const tokenList = new TokenList(scanned.tokens);
  return {
    file,
    text,
    tree: { kind: "file", start: 0, end: text.length, imports, declarations },
    get tokens() {
      return tokenList.toArray();
    },
    comments: scanned.comments,
    diagnostics: found,
    formattable: found.every((one) => !isFault(one)),
  };
}

/** An error that leaves in doubt what is meant. */
function isFault(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === "error" && !isHabit(diagnostic);
}
