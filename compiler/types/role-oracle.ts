import type { GlobalSymbol } from "../names/symbol.ts";
import type { RoleType } from "./type.ts";

/** What comparing types needs to know about the program. */
export interface RoleOracle {
  /** Whether the callable fills the role with these type arguments. */
  fills(symbol: GlobalSymbol, role: RoleType): boolean;
  /** Names of the fillers, sorted. */
  fillerNames(role: RoleType): readonly string[];
  /** The role a callable fills, with its type arguments. */
  roleOf(symbol: GlobalSymbol): RoleType | undefined;
}
