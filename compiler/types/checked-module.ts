import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Module } from "../names/module-graph.ts";
import type { CheckedModule } from "./checked.ts";
import { mergeRepeats } from "./merge-repeats.ts";
import type { FileChecker } from "./file-checker.ts";
import type { OpenDeclarations } from "./open-declarations.ts";
import { knownType } from "./known-type.ts";
import { errorType } from "./type.ts";
import type { Type } from "./type.ts";

const noSettings: ReadonlyMap<string, never> = new Map<string, never>();

export interface Check {
  readonly checker: FileChecker;
  /** What the check has found, in any order. */
  readonly found: readonly Diagnostic[];
  /** What of it has not been looked at. */
  readonly open?: OpenDeclarations | undefined;
}

const findings = new WeakMap<CheckedModule, readonly Diagnostic[]>();

/** What was found in the declarations of a file, before it is put in order. */
export function findingsIn(module: CheckedModule): readonly Diagnostic[] {
  return findings.get(module) ?? [];
}

/** What is kept of a checked file: answers only, nothing of the snapshot it was checked in. */
export function checkedModule(module: Module, check: Check): CheckedModule {
  const { found } = check;
  const diagnostics = mergeRepeats(
    sorted(module.diagnostics.concat(found).filter((diagnostic) => !isDamaged(module, diagnostic))),
  );
  const checked: CheckedModule = {
    file: module.file,
    parse: module.parse,
    names: module.names,
    imports: module.imports,
    symbols: module.facts.symbols,
    configs: module.facts.configs,
    tests: module.facts.tests,
    diagnostics,
    ...answersOf(module, check),
  };
  findings.set(checked, found);
  return checked;
}

type Answers = Pick<
  CheckedModule,
  | "typeOf"
  | "expectedOf"
  | "symbolOf"
  | "callOf"
  | "includeOf"
  | "typeOfAction"
  | "typeOfBlock"
  | "typeOfSymbol"
  | "settingsOf"
>;

function answersOf({ importSymbols }: Module, { checker, open }: Check): Answers {
  const { expected, symbols, symbolTypes, calls, includes, actions, blocks, settings } =
    checker.results;
  let declaredTypes: ReadonlyMap<object, Type> | undefined;
  let known = 0;
  return {
    typeOf(node) {
      open?.settle(node);
      return knownType(checker.results, node) ?? errorType;
    },
    expectedOf(node) {
      open?.settle(node);
      return expected.get(node);
    },
    symbolOf(name) {
      open?.settle(name);
      return symbols.get(name) ?? importSymbols.get(name);
    },
    callOf(call) {
      open?.settle(call);
      return calls.get(call);
    },
    includeOf(call) {
      open?.settle(call);
      return includes.get(call);
    },
    typeOfAction(action) {
      open?.settle(action);
      return (
        actions.get(action) ??
        (action.kind === "invoke" ? knownType(checker.results, action.expression) : undefined) ??
        errorType
      );
    },
    typeOfBlock(block) {
      open?.settle(block);
      return blocks.get(block) ?? errorType;
    },
    typeOfSymbol(symbol) {
      if ("node" in symbol && symbol.node !== null) open?.settle(symbol.node);
      const own = symbolTypes.get(symbol);
      if (own !== undefined || symbol.scope !== "local") return own ?? errorType;
      // Who walks the tree has the declaring node, not the symbol that the scope made of it.
      if (declaredTypes === undefined || symbolTypes.size !== known) {
        known = symbolTypes.size;
        declaredTypes = new Map(
          [...symbolTypes].flatMap(([other, type]) =>
            other.scope === "local" ? [[other.node, type] as const] : [],
          ),
        );
      }
      return declaredTypes.get(symbol.node) ?? errorType;
    },
    settingsOf(block) {
      open?.settle(block);
      return settings.get(block) ?? noSettings;
    },
  };
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
