import { callable } from "../flow/uses.ts";
import type { CheckedProgram } from "../types/checked.ts";
import type { RoleOracle } from "../types/role-oracle.ts";
import { sameType } from "../types/same-type.ts";

/** Who fills which role, for comparing types after a program is checked. */
export function rolesOf(program: CheckedProgram): RoleOracle {
  const roleOf: RoleOracle["roleOf"] = (symbol) => {
    const role = callable(program, symbol)?.role;
    return role === null || role === undefined
      ? undefined
      : { kind: "role", role: role.symbol, args: role.args };
  };
  const fills: RoleOracle["fills"] = (symbol, wanted) => {
    const own = roleOf(symbol);
    return (
      own !== undefined &&
      own.role.id === wanted.role.id &&
      own.args.every((arg, index) => sameType(arg, wanted.args[index] ?? arg))
    );
  };
  return {
    roleOf,
    fills,
    fillerNames: (wanted) =>
      (program.fillers.get(wanted.role.id) ?? [])
        .filter((symbol) => fills(symbol, wanted))
        .map((symbol) => symbol.name),
  };
}
