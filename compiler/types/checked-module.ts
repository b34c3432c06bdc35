import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { sameOutline } from "../names/outline.ts";
import type { Module } from "../names/module-graph.ts";
import type { CheckedModule } from "./checked.ts";
import { mergeRepeats } from "./merge-repeats.ts";
import type { FileChecker } from "./file-checker.ts";
import { errorType } from "./type.ts";
import type { Type } from "./type.ts";

const noSettings: ReadonlyMap<string, never> = new Map<string, never>();

/**
 * What is kept of a checked file: answers only, nothing of the snapshot it was checked in. `old` is the same file before a
 * change of nothing but its own text.
 */
export function checkedModule(
  module: Module,
  checker: FileChecker,
  old?: CheckedModule,
): CheckedModule {
  const { types, expected, symbols, symbolTypes, calls, includes, actions, blocks, settings } =
    checker.results;
  const diagnostics = mergeRepeats(
    sorted(
      module.diagnostics
        .concat(checker.diagnostics)
        .filter((diagnostic) => !isDamaged(module, diagnostic)),
    ),
  );
  const now = { parse: module.parse, diagnostics };
  let declaredTypes: ReadonlyMap<object, Type> | undefined;
  return {
    file: module.file,
    facade: old !== undefined && looksAlike(old, now) ? old.facade : {},
    parse: module.parse,
    names: module.names,
    imports: module.imports,
    symbols: module.facts.symbols,
    configs: module.facts.configs,
    tests: module.facts.tests,
    diagnostics,
    typeOf(node) {
      const own = types.get(node);
      if (own !== undefined) return own;
      // A short record entry `{ name }` is typed at its key.
      return "kind" in node && node.kind === "name"
        ? (types.get(node.name) ?? errorType)
        : errorType;
    },
    expectedOf: (node) => expected.get(node),
    symbolOf: (name) => symbols.get(name) ?? module.importSymbols.get(name),
    callOf: (call) => calls.get(call),
    includeOf: (call) => includes.get(call),
    typeOfAction: (action) =>
      actions.get(action) ??
      (action.kind === "invoke" ? (types.get(action.expression) ?? errorType) : errorType),
    typeOfBlock: (block) => blocks.get(block) ?? errorType,
    typeOfSymbol(symbol) {
      const own = symbolTypes.get(symbol);
      if (own !== undefined || symbol.scope !== "local") return own ?? errorType;
      // Who walks the tree has the declaring node, not the symbol that the scope made of it.
      declaredTypes ??= new Map(
        [...symbolTypes].flatMap(([other, type]) =>
          other.scope === "local" ? [[other.node, type] as const] : [],
        ),
      );
      return declaredTypes.get(symbol.node) ?? errorType;
    },
    settingsOf: (block) => settings.get(block) ?? noSettings,
  };
}

type Face = Pick<CheckedModule, "parse" | "diagnostics">;

/** True if nobody but the file itself can tell the difference. */
function looksAlike(old: Face, now: Face): boolean {
  const isClean = ({ parse, diagnostics }: Face): boolean =>
    parse.diagnostics.length === 0 && diagnostics.length === 0;
  return isClean(old) && isClean(now) && sameOutline(old.parse, now.parse);
}

/** About the inside of a declaration that could not be read, nothing but the syntax fault is said. */
function isDamaged({ file, facts }: Module, { span }: Diagnostic): boolean {
  if (span.file !== file) return false;
  for (const node of facts.damage.nodes)
    if (span.start >= node.start && span.end <= node.end) return true;
  return false;
}

function sorted(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort((a, b) =>
    a.span.file === b.span.file
      ? a.span.start - b.span.start || a.span.end - b.span.end
      : a.span.file < b.span.file
        ? -1
        : 1,
  );
}
