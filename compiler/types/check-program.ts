import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { loadModules } from "../names/module-graph.ts";
import type { Module, ModuleGraph } from "../names/module-graph.ts";
import type { SourceReader } from "../names/source-reader.ts";
import type { CheckedDeclaration, CheckedModule, CheckedProgram } from "./checked.ts";
import { FileCheck, keepOpen, rememberWorld } from "./file-check.ts";
import type { FileBefore } from "./file-check.ts";
import type { Uses } from "./file-checker.ts";
import { ProgramWorld } from "./program-world.ts";

/** A checked program with what the next snapshot needs to do only what a change makes necessary. */
export interface Program extends CheckedProgram {
  readonly graph: ModuleGraph;
  readonly state: ProgramState;
}

export interface ProgramState {
  readonly uses: ReadonlyMap<string, Uses>;
  readonly includes: ReadonlyMap<string, string | null>;
  /** What files share without importing each other, as text. */
  readonly config: string;
  readonly fillers: string;
  readonly codes: string;
}

/** Names and types of everything the entries reach. `previous` is an earlier snapshot of the same program. */
export function checkProgram(
  reader: SourceReader,
  entries: readonly string[],
  previous?: Program,
): Program {
  const graph = loadModules(reader, entries, previous?.graph);
  const linked = previous !== undefined && sameLinks(previous.graph, graph) ? previous : undefined;
  const world = new ProgramWorld(graph, (path) => reader.read(path), linked?.fillers);
  const shared = sharedTexts(graph, world, { linked, last: previous?.state });
  const { changed, touched } = changedFiles(reader, graph, shared, previous);
  const uses = new Map<string, Uses>();
  const checks = new Map<string, FileCheck>();
  for (const [file, module] of graph.modules) {
    const kept = changed.has(file) ? undefined : previous?.modules.get(file);
    const keptUses = previous?.state.uses.get(file);
    if (kept !== undefined && keptUses !== undefined) {
      keepOpen(kept, world);
      uses.set(file, keptUses);
      continue;
    }
    const before = touched.has(file) ? fileBefore(previous, module) : null;
    const check = new FileCheck(module, world.checker(file), before);
    check.start();
    checks.set(file, check);
    uses.set(file, check.used);
  }
  const modules = new Map<string, CheckedModule>();
  for (const file of graph.modules.keys()) {
    const module = checks.get(file)?.finish() ?? previous?.modules.get(file);
    if (module !== undefined) modules.set(file, module);
  }
  for (const check of checks.values()) check.forget();
  const program = programOf({
    entries,
    links: linked?.links ?? {},
    graph,
    world,
    modules,
    touched,
    state: { ...shared, uses, includes: includedTexts(reader, uses) },
  });
  rememberWorld(program, world);
  return program;
}

function fileBefore(previous: Program | undefined, module: Module): FileBefore | null {
  const checked = previous?.modules.get(module.file);
  const old = previous?.graph.modules.get(module.file);
  const uses = previous?.state.uses.get(module.file);
  return checked === undefined || old === undefined || uses === undefined
    ? null
    : { checked, module: old, uses };
}

/** True if every file imports and fills what it did before. */
function sameLinks(before: ModuleGraph, now: ModuleGraph): boolean {
  if (before.modules.size !== now.modules.size) return false;
  for (const [file, module] of now.modules) {
    const old = before.modules.get(file);
    if (old === module) continue;
    if (old === undefined || !sameTexts(old.imports, module.imports)) return false;
    if (!sameTexts(linksOf(old), linksOf(module))) return false;
  }
  return true;
}

/** Roles that a file declares, and what fills a role in it. */
function linksOf({ facts, names }: Module): readonly string[] {
  const roles = facts.symbols.flatMap(({ kind, id }) => (kind === "role" ? [id] : []));
  const fillings = facts.fillings.map(({ symbol, head }) => {
    const role = names.get(head.role.text);
    return `${symbol.kind} ${symbol.id}: ${role?.kind === "role" ? role.id : ""}`;
  });
  return roles.concat(fillings);
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, at) => text === right[at]);
}

type Shared = Pick<ProgramState, "config" | "fillers" | "codes">;

/** `linked` is the snapshot before if its files have the same links. */
function sharedTexts(
  graph: ModuleGraph,
  world: ProgramWorld,
  { linked, last }: { readonly linked: Program | undefined; readonly last: Shared | undefined },
): Shared {
  const config = [...graph.modules.values()]
    .flatMap(({ file, facts }) => (facts.configText === "" ? [] : [`${file}\n${facts.configText}`]))
    .join("\n");
  return {
    // Many compare it, and the same object is compared at once.
    config: config === last?.config ? last.config : config,
    fillers:
      linked?.state.fillers ??
      [...world.fillers]
        .map(([role, fillers]) => `${role}: ${fillers.map(({ id }) => id).join(" ")}`)
        .join("\n"),
    codes: [...world.codes].sort().join(" "),
  };
}

interface Changes {
  /** Files whose check cannot be taken from the previous snapshot. */
  readonly changed: ReadonlySet<string>;
  /** Those of them that need a new check on account of their own text alone. */
  readonly touched: ReadonlySet<string>;
}

function changedFiles(
  reader: SourceReader,
  graph: ModuleGraph,
  shared: Shared,
  previous: Program | undefined,
): Changes {
  const changed = new Set<string>();
  const touched = new Set<string>();
  if (previous === undefined || shared.fillers !== previous.state.fillers)
    return { changed: new Set(graph.modules.keys()), touched };
  const importers = new Map<string, string[]>();
  const open: string[] = [];
  for (const [file, module] of graph.modules) {
    for (const path of module.imports) {
      const list = importers.get(path);
      if (list === undefined) importers.set(path, [file]);
      else list.push(file);
    }
    const old = previous.graph.modules.get(file);
    if (usesChange(reader, graph, file, shared, previous)) {
      changed.add(file);
      // Importers see the types of its lets, which may come from what has changed.
      if (mayTellChange(reader, module, shared, previous)) open.push(file);
    } else if (old !== module) {
      changed.add(file);
      if (old?.parse !== module.parse) touched.add(file);
    }
    if (old === undefined || !sameForImporters(old, module)) open.push(file);
  }
  for (const file of previous.graph.modules.keys()) if (!graph.modules.has(file)) open.push(file);
  // What a file exports may be built from what it imports, so a change reaches all importers.
  const reached = new Set<string>();
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    for (const importer of importers.get(file) ?? []) {
      changed.add(importer);
      touched.delete(importer);
      if (reached.has(importer)) continue;
      reached.add(importer);
      open.push(importer);
    }
  }
  return { changed, touched };
}

function sameForImporters(old: Module, module: Module): boolean {
  return old === module || old.facts.exportedText === module.facts.exportedText;
}

function usesChange(
  reader: SourceReader,
  graph: ModuleGraph,
  file: string,
  shared: Shared,
  previous: Program,
): boolean {
  const uses = previous.state.uses.get(file);
  if (uses === undefined) return true;
  if (uses.config && shared.config !== previous.state.config) return true;
  if (uses.codes && shared.codes !== previous.state.codes) return true;
  for (const other of uses.files) {
    if (graph.modules.get(other)?.parse !== previous.graph.modules.get(other)?.parse) return true;
  }
  for (const path of uses.includes)
    if (reader.read(path) !== previous.state.includes.get(path)) return true;
  return false;
}

/** Of lets, `config` and included texts are seen through the file that declares them. */
function mayTellChange(
  reader: SourceReader,
  { file, facts }: Module,
  shared: Shared,
  previous: Program,
): boolean {
  const uses = previous.state.uses.get(file);
  if (uses === undefined || !facts.symbols.some(({ kind }) => kind === "let")) return false;
  return (
    (uses.config && shared.config !== previous.state.config) ||
    [...uses.includes].some((path) => reader.read(path) !== previous.state.includes.get(path))
  );
}

function includedTexts(
  reader: SourceReader,
  uses: ReadonlyMap<string, Uses>,
): ReadonlyMap<string, string | null> {
  const texts = new Map<string, string | null>();
  for (const { includes } of uses.values())
    for (const path of includes) texts.set(path, reader.read(path));
  return texts;
}

interface Parts {
  readonly entries: readonly string[];
  readonly links: object;
  readonly graph: ModuleGraph;
  readonly world: ProgramWorld;
  readonly modules: ReadonlyMap<string, CheckedModule>;
  readonly touched: ReadonlySet<string>;
  readonly state: ProgramState;
}

function programOf({ entries, links, graph, world, modules, touched, state }: Parts): Program {
  const sources = new Map<string, string>();
  for (const [file, module] of graph.modules) sources.set(file, module.parse.text);
  for (const [path, text] of state.includes) if (text !== null) sources.set(path, text);
  const diagnostics: Diagnostic[] = graph.missingEntries.map(missingFile);
  for (const module of modules.values()) diagnostics.push(...module.diagnostics);
  return {
    entries,
    links,
    modules,
    touched,
    configText: state.config,
    graph,
    state,
    diagnostics,
    sources,
    fillers: world.fillers,
    codes: world.codes,
    get config() {
      return world.config;
    },
    get environments() {
      return world.environments;
    },
    declarationOf: (symbol) => world.declaration(symbol),
    declarationById: (id): CheckedDeclaration | undefined => {
      const at = id.lastIndexOf("#");
      const found = graph.modules.get(id.slice(0, at))?.facts.declared.get(id.slice(at + 1));
      return found === undefined ? undefined : world.declaration(found.symbol);
    },
  };
}

function missingFile(file: string): Diagnostic {
  return {
    code: "AF2005",
    severity: "error",
    message: `there is no file \`${file}\``,
    span: { file, start: 0, end: 0 },
    help: "check its path and its name; they count from the folder you are in",
  };
}
