import type { GlobalSymbol } from "../names/symbol.ts";
import type { Module } from "../names/module-graph.ts";
import type { CheckedDeclaration, ConfigEntry } from "./checked.ts";
import type { RoleOracle } from "./role-oracle.ts";
import type { DefaultValue, Type } from "./type.ts";

/** The program around the file that is being checked. Computed on demand, for one snapshot. */
export interface World extends RoleOracle {
  readonly modules: ReadonlyMap<string, Module>;
  readonly codes: ReadonlySet<string>;
  /** Fillers by the role's id, sorted by name. */
  readonly fillers: ReadonlyMap<string, readonly GlobalSymbol[]>;
  readonly config: ReadonlyMap<string, ConfigEntry>;
  /** A `config` that could not be read may declare what seems to be missing. */
  readonly configIsUnsure: boolean;
  readonly environments: ReadonlyMap<string, ReadonlyMap<string, DefaultValue>>;
  declaration(symbol: GlobalSymbol): CheckedDeclaration | undefined;
  /** The type a `type` symbol stands for, with these arguments. */
  instantiate(symbol: GlobalSymbol, args: readonly Type[]): Type;
  /** Text of a file that `include` names; null if it does not exist. */
  include(path: string): string | null;
}
