import type { SourceReader } from "./source-reader.ts";
import { parse } from "../syntax/parse.ts";
import type { ParseResult } from "../syntax/parse-result.ts";
import { bindImports } from "./bind-imports.ts";
import type { BoundImports } from "./bind-imports.ts";
import { fileFacts } from "./file-facts.ts";
import type { FileFacts } from "./file-facts.ts";

/** One file with the names it can use at its top. */
export interface Module extends BoundImports {
  readonly file: string;
  readonly parse: ParseResult;
  readonly facts: FileFacts;
  /** Files it imports that exist. */
  readonly imports: readonly string[];
  /** Imported files that do not exist. */
  readonly missing: readonly string[];
}

export interface ModuleGraph {
  /** Entries first, then in order of imports. */
  readonly modules: ReadonlyMap<string, Module>;
  /** Entries that do not exist. */
  readonly missingEntries: readonly string[];
}

/** Reads and parses everything the entries reach; what `previous` has with the same text is taken from there. */
export function loadModules(
  host: SourceReader,
  entries: readonly string[],
  previous: ModuleGraph | undefined,
): ModuleGraph {
  const parsed = new Map<string, ParseResult>();
  const absent = new Set<string>();
  const queue = [...entries];
  for (let index = 0; index < queue.length; index += 1) {
    const file = queue[index] ?? "";
    if (parsed.has(file) || absent.has(file)) continue;
    const text = host.read(file);
    if (text === null) {
      absent.add(file);
      continue;
    }
    const old = previous?.modules.get(file)?.parse;
    const result = old !== undefined && old.text === text ? old : parse(file, text);
    parsed.set(file, result);
    for (const path of fileFacts(result).importPaths) if (!parsed.has(path)) queue.push(path);
  }
  const modules = new Map<string, Module>();
  for (const [file, result] of parsed)
    modules.set(file, moduleOf(host, file, result, parsed, previous?.modules));
  return { modules, missingEntries: entries.filter((entry) => absent.has(entry)) };
}

function moduleOf(
  host: SourceReader,
  file: string,
  result: ParseResult,
  parsed: ReadonlyMap<string, ParseResult>,
  previous: ReadonlyMap<string, Module> | undefined,
): Module {
  const old = previous?.get(file);
  if (old !== undefined && old.parse === result && canKeep(old, parsed, previous)) return old;
  const facts = fileFacts(result);
  const imports = facts.importPaths.filter((path) => parsed.has(path));
  const missing = facts.importPaths.filter((path) => !parsed.has(path));
  const { names, broken, importSymbols, diagnostics } = bindImports({ host, result, parsed });
  return {
    file,
    parse: result,
    facts,
    imports,
    missing,
    names,
    broken,
    importSymbols,
    diagnostics,
  };
}

/** The old one still holds if the imported files exist as before and declare what they declared. */
function canKeep(
  old: Module,
  parsed: ReadonlyMap<string, ParseResult>,
  previous: ReadonlyMap<string, Module> | undefined,
): boolean {
  if (old.missing.some((path) => parsed.has(path))) return false;
  return old.imports.every((path) => {
    const now = parsed.get(path);
    const before = previous?.get(path);
    if (now === undefined || before === undefined) return false;
    return (
      now === before.parse ||
      (old.diagnostics.length === 0 && fileFacts(now).exportedText === before.facts.exportedText)
    );
  });
}
