import type { Fact } from "./fact.ts";
import type { Symbol } from "./symbol.ts";
import type { FlowDeclaration, Node } from "../syntax/tree.ts";

/** A local or context name, with the scope in which its value is resolved. */
export interface Binding {
  readonly kind: "binding";
  readonly symbol: Symbol;
  readonly scope: Scope;
  /** The name as written; null for context names. */
  readonly at: Node | null;
}

export interface ScopeOptions {
  /** What this scope does not show although the text stands inside it: only for a better message. */
  readonly hidden?: Scope;
  /** Why names of `hidden` are not to be seen, as the end of a sentence. */
  readonly hiddenBecause?: string;
  readonly facts?: ReadonlyMap<string, readonly Fact[]>;
  readonly flow?: FlowDeclaration | null;
  readonly inTest?: boolean;
  /** Values of type secret may stand here. */
  readonly secrets?: boolean;
  /** Some names are missing because of a fault that was told: an unknown one is not reported. */
  readonly open?: boolean;
}

/** The names that can be seen at a place, below those of the file. Blocks see the scopes around them. */
export class Scope {
  readonly parent: Scope | null;
  readonly hidden: Scope | null;
  readonly hiddenBecause: string;
  readonly flow: FlowDeclaration | null;
  readonly inTest: boolean;
  readonly secrets: boolean;
  readonly open: boolean;
  readonly facts: ReadonlyMap<string, readonly Fact[]> | null;
  /** The nearest scope, from this one outwards, that knows facts. */
  readonly factScope: Scope | null;
  #names: Map<string, Binding> | null = null;

  constructor(parent: Scope | null, options: ScopeOptions = {}) {
    this.parent = parent;
    this.hidden = options.hidden ?? parent?.hidden ?? null;
    this.hiddenBecause = options.hiddenBecause ?? parent?.hiddenBecause ?? "";
    this.flow = options.flow ?? parent?.flow ?? null;
    this.inTest = options.inTest ?? parent?.inTest ?? false;
    this.secrets = options.secrets ?? parent?.secrets ?? false;
    this.open = options.open ?? parent?.open ?? false;
    this.facts = options.facts !== undefined && options.facts.size > 0 ? options.facts : null;
    this.factScope = this.facts === null ? (parent?.factScope ?? null) : this;
  }

  declare(name: string, binding: Binding): void {
    this.#names ??= new Map();
    this.#names.set(name, binding);
  }

  lookUp(name: string): Binding | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const binding = scope.#names?.get(name);
      if (binding !== undefined) return binding;
    }
    return undefined;
  }

  /** How many names can be seen here. */
  get size(): number {
    let size = 0;
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      size += scope.#names?.size ?? 0;
    }
    return size;
  }

  /** Every name that can be seen here, innermost first. */
  *bindings(): Iterable<Binding> {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      if (scope.#names !== null) yield* scope.#names.values();
    }
  }
}
