import type { CheckedModule, CheckedProgram } from "../types/checked.ts";

const known = new WeakMap<CheckedProgram, Neighbours>();

export function neighboursOf(program: CheckedProgram): Neighbours {
  let neighbours = known.get(program);
  if (neighbours === undefined) known.set(program, (neighbours = new Neighbours(program)));
  return neighbours;
}

/** The files that the rules can look into from a file: all it imports, and those that fill a role declared in one of them. */
export class Neighbours {
  readonly #program: CheckedProgram;
  readonly #links: Links;
  readonly #known = new Map<CheckedModule, readonly CheckedModule[]>();
  readonly #identities = new Map<CheckedModule, readonly object[]>();

  constructor(program: CheckedProgram) {
    this.#program = program;
    this.#links = linksOf(program);
  }

  /** Files that are imported. */
  get imported(): ReadonlySet<string> {
    return this.#links.imported;
  }

  of(module: CheckedModule): readonly CheckedModule[] {
    let found = this.#known.get(module);
    if (found === undefined) {
      const seen: CheckedModule[] = [];
      for (const file of this.#filesOf(module.file)) {
        const other = this.#program.modules.get(file);
        if (other !== undefined) seen.push(other);
      }
      this.#known.set(module, (found = seen));
    }
    return found;
  }

  /** What stands for these files in results that are kept. */
  identities(module: CheckedModule): readonly object[] {
    let found = this.#identities.get(module);
    if (found === undefined)
      this.#identities.set(module, (found = this.of(module).map(identityOf)));
    return found;
  }

  #filesOf(file: string): readonly string[] {
    const { seen } = this.#links;
    let files = seen.get(file);
    if (files === undefined) seen.set(file, (files = this.#find(file)));
    return files;
  }

  #find(own: string): readonly string[] {
    const files = new Set([own]);
    // Sets visit what is added while they are walked.
    for (const file of files) {
      for (const path of this.#program.modules.get(file)?.imports ?? []) files.add(path);
      for (const path of this.#links.fillers.get(file) ?? []) files.add(path);
    }
    files.delete(own);
    return [...files];
  }
}

/** What follows from imports and heads alone, kept as long as they are. */
interface Links {
  readonly imported: ReadonlySet<string>;
  /** Files that fill a role, by the file that declares it. */
  readonly fillers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Files that can be seen from a file, as far as somebody asked. */
  readonly seen: Map<string, readonly string[]>;
}

const kept = new WeakMap<object, Links>();

function linksOf(program: CheckedProgram): Links {
  let links = kept.get(program.links);
  if (links === undefined) kept.set(program.links, (links = findLinks(program)));
  return links;
}

function findLinks(program: CheckedProgram): Links {
  const fillers = new Map<string, Set<string>>();
  for (const [role, symbols] of program.fillers) {
    const file = role.slice(0, role.lastIndexOf("#"));
    const files = fillers.get(file) ?? new Set<string>();
    for (const symbol of symbols) files.add(symbol.file);
    fillers.set(file, files);
  }
  const imported = new Set<string>();
  for (const module of program.modules.values())
    for (const path of module.imports) imported.add(path);
  return { imported, fillers, seen: new Map<string, readonly string[]>() };
}

const identities = new WeakMap<CheckedModule, object>();

/** Stands for a file in one state, without keeping it in memory: results that outlive it are compared by this. */
function identityOf(module: CheckedModule): object {
  let identity = identities.get(module);
  if (identity === undefined) identities.set(module, (identity = {}));
  return identity;
}

export function sameObjects(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((one, index) => one === right[index]);
}
