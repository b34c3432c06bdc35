import type { CheckedModule, CheckedProgram } from "../types/checked.ts";

const known = new WeakMap<CheckedProgram, Neighbours>();

export function neighboursOf(program: CheckedProgram): Neighbours {
  let neighbours = known.get(program);
  if (neighbours === undefined) known.set(program, (neighbours = new Neighbours(program)));
  return neighbours;
}

/** The files that the rules can look into from a file: all it imports, and those that fill a role declared in one of them. */
export class Neighbours {
  readonly imported = new Set<string>();
  readonly #program: CheckedProgram;
  /** By the file that declares the role. */
  readonly #fillers = new Map<string, Set<string>>();
  readonly #known = new Map<CheckedModule, readonly CheckedModule[]>();

  constructor(program: CheckedProgram) {
    this.#program = program;
    for (const [role, fillers] of program.fillers) {
      const file = role.slice(0, role.lastIndexOf("#"));
      const files = this.#fillers.get(file) ?? new Set<string>();
      for (const filler of fillers) files.add(filler.file);
      this.#fillers.set(file, files);
    }
    for (const module of program.modules.values())
      for (const path of module.imports) this.imported.add(path);
  }

  of(module: CheckedModule): readonly CheckedModule[] {
    let found = this.#known.get(module);
    if (found === undefined) this.#known.set(module, (found = this.#find(module)));
    return found;
  }

  #find(module: CheckedModule): readonly CheckedModule[] {
    const files = new Set([module.file]);
    // Sets visit what is added while they are walked.
    for (const file of files) {
      for (const path of this.#program.modules.get(file)?.imports ?? []) files.add(path);
      for (const path of this.#fillers.get(file) ?? []) files.add(path);
    }
    files.delete(module.file);
    return [...files].flatMap((file) => this.#program.modules.get(file) ?? []);
  }
}

/** True if the rules see the same in both, places aside. */
export function sameFacades(
  left: readonly CheckedModule[],
  right: readonly CheckedModule[],
): boolean {
  return (
    left.length === right.length &&
    left.every(({ facade }, index) => facade === right[index]?.facade)
  );
}

export function sameModules(
  left: readonly CheckedModule[],
  right: readonly CheckedModule[],
): boolean {
  return left.length === right.length && left.every((module, index) => module === right[index]);
}
