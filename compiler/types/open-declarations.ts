import type { Declaration } from "../syntax/tree.ts";
import { checkDeclaration } from "./check-declaration.ts";
import type { FileChecker } from "./file-checker.ts";
import type { World } from "./world.ts";

/** Declarations of a file of which it is known what is wrong, and whose types are worked out when somebody asks. */
export class OpenDeclarations {
  readonly #checker: FileChecker;
  readonly #declarations: readonly Declaration[];
  readonly #open: Set<number>;

  constructor(checker: FileChecker, declarations: readonly Declaration[], checked: number) {
    this.#checker = checker;
    this.#declarations = declarations;
    this.#open = new Set(declarations.keys());
    this.#open.delete(checked);
  }

  /** Works out the types of the declaration in which a node stands. */
  settle({ start }: { readonly start: number }): void {
    if (this.#open.size === 0) return;
    const index = this.#indexAt(start);
    const node = this.#declarations[index];
    if (node === undefined || !this.#open.delete(index)) return;
    checkDeclaration(this.#checker, node);
    this.#checker.finish();
  }

  /** The next snapshot says the same about them, so that the last one need not be kept for their sake. */
  resume(world: World): void {
    this.#checker.world = world;
  }

  /** Of the last declaration that begins before an offset; -1 for an import. */
  #indexAt(offset: number): number {
    let [low, high] = [0, this.#declarations.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#declarations[middle]?.start ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
