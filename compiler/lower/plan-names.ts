import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedProgram, Instance } from "../types/checked.ts";
import { typeText } from "../types/type-text.ts";
import type { PlanPaths } from "./plan-paths.ts";

/**
 * Names in the plan. A declaration keeps its name; if another file of the program declares the same name, the path of
 * its module stands in front, so that neither the order of files nor that of imports matters.
 */
export class PlanNames {
  readonly #files = new Map<string, Set<string>>();
  readonly #paths: PlanPaths;

  constructor(program: CheckedProgram, paths: PlanPaths) {
    this.#paths = paths;
    for (const module of program.modules.values()) {
      for (const { name, file } of module.symbols) {
        const files = this.#files.get(name) ?? new Set<string>();
        this.#files.set(name, files.add(file));
      }
    }
  }

  of(symbol: GlobalSymbol): string {
    return this.#qualified(symbol.file, symbol.name);
  }

  /** `reviewLoop(judge: reader, write: blogger)`. */
  ofFlow(instance: Instance): string {
    const { typeArgs, roleArgs } = instance;
    const types =
      roleArgs.size === 0 && typeArgs.size > 0
        ? `<${[...typeArgs.values()].map(typeText).join(", ")}>`
        : "";
    const roles = [...roleArgs].map(([name, filler]) => `${name}: ${this.of(filler)}`).sort();
    return `${this.of(instance.symbol)}${types}${roles.length === 0 ? "" : `(${roles.join(", ")})`}`;
  }

  /** `id` is `path#Name`, `text` the name with its type arguments. */
  ofType(id: string, text: string): string {
    const file = id.slice(0, id.lastIndexOf("#"));
    const name = id.slice(id.lastIndexOf("#") + 1);
    return file === "" ? text : `${this.#qualified(file, name)}${text.slice(name.length)}`;
  }

  #qualified(file: string, name: string): string {
    return (this.#files.get(name)?.size ?? 0) > 1 ? `${this.#paths.moduleOf(file)}:${name}` : name;
  }
}
