import type { CheckedModule, CheckedProgram, Instance } from "../types/checked.ts";
import { neighboursOf, sameObjects } from "./neighbours.ts";

interface Kept<Result> {
  /** Their identities. */
  readonly neighbours: readonly object[];
  readonly results: Map<string, Result>;
}

/** Results on what a file declares, kept over snapshots until the file or one that it can see changes. */
export class LastingResults<Result> {
  readonly #kept = new WeakMap<CheckedModule, Kept<Result>>();
  /** What was found to hold in a snapshot, by file. */
  readonly #inProgram = new WeakMap<CheckedProgram, Map<string, Map<string, Result> | null>>();

  /** Null for an instance with arguments of its own: they may come from files that the declaring one can't see. */
  of(program: CheckedProgram, instance: Instance): Map<string, Result> | null {
    if (instance.typeArgs.size > 0 || instance.roleArgs.size > 0) return null;
    const { file } = instance.symbol;
    let known = this.#inProgram.get(program);
    if (known === undefined) {
      known = new Map<string, Map<string, Result> | null>();
      this.#inProgram.set(program, known);
    }
    let results = known.get(file);
    if (results === undefined) known.set(file, (results = this.#find(program, file)));
    return results;
  }

  #find(program: CheckedProgram, file: string): Map<string, Result> | null {
    const module = program.modules.get(file);
    if (module === undefined) return null;
    const neighbours = neighboursOf(program).identities(module);
    const kept = this.#kept.get(module);
    if (kept !== undefined && sameObjects(kept.neighbours, neighbours)) return kept.results;
    const results = new Map<string, Result>();
    this.#kept.set(module, { neighbours, results });
    return results;
  }
}
