import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedModule, CheckedProgram, Instance, ResolvedCall } from "./checked.ts";
import { substitute } from "./substitute.ts";
import { typeText } from "./type-text.ts";
import type { Type } from "./type.ts";

const nothing = new Map<string, never>();

/** The instance of a callable that is called with nothing to specialise it: an entry flow, an agent, a tool. */
export function plainInstance(symbol: GlobalSymbol): Instance {
  return { symbol, typeArgs: nothing, roleArgs: nothing, key: symbol.name };
}

/** The type arguments of an instance as `substitute` takes them. */
export function typeIn(instance: Instance, type: Type): Type {
  return substitute(type, instance.typeArgs);
}

/**
 * The instance that `call`, standing in `module` inside the instance `caller`, uses. Undefined when the callee is
 * no agent, tool or flow here: a role, a role value, a role parameter that gets its filler at run time.
 */
export function instanceOf(
  program: CheckedProgram,
  module: CheckedModule,
  call: ResolvedCall,
  caller: Instance,
): Instance | undefined {
  const { callee } = call;
  if (callee.kind === "roleParameter") {
    const filler = caller.roleArgs.get(callee.parameter);
    return filler === undefined ? undefined : plainInstance(filler);
  }
  if (callee.kind === "agent" || callee.kind === "tool") return plainInstance(callee.symbol);
  if (callee.kind !== "flow") return undefined;
  const declaration = program.declarationOf(callee.symbol);
  if (declaration === undefined || declaration.kind !== "flow") return undefined;
  const isSpecialised =
    callee.typeArgs.size > 0 || call.args.some(({ parameter }) => parameter.type.kind === "role");
  if (!isSpecialised) return plainInstance(callee.symbol);
  const typeArgs = new Map<string, Type>();
  for (const [id, type] of callee.typeArgs) typeArgs.set(id, typeIn(caller, type));
  const roleArgs = new Map<string, GlobalSymbol>();
  for (const { parameter, node } of call.args) {
    if (parameter.type.kind !== "role" || node === null) continue;
    const filler = fillerOf(module, node.value, caller);
    if (filler !== undefined) roleArgs.set(parameter.name, filler);
  }
  return {
    symbol: callee.symbol,
    typeArgs,
    roleArgs,
    key: keyOf(callee.symbol, typeArgs, roleArgs),
  };
}

function fillerOf(
  module: CheckedModule,
  value: Parameters<CheckedModule["typeOf"]>[0],
  caller: Instance,
): GlobalSymbol | undefined {
  const type = module.typeOf(value);
  if (type.kind === "callable") return type.symbol;
  if ("kind" in value && value.kind === "name") {
    const symbol = module.symbolOf(value.name);
    if (symbol?.scope === "local" && symbol.kind === "parameter")
      return caller.roleArgs.get(symbol.name);
  }
  return undefined;
}

function keyOf(
  symbol: GlobalSymbol,
  typeArgs: Instance["typeArgs"],
  roleArgs: Instance["roleArgs"],
): string {
  // Fillers of a generic role tell the types already; a flow without role parameters needs them in its key.
  const types =
    roleArgs.size === 0 && typeArgs.size > 0
      ? `<${[...typeArgs.values()].map(typeText).join(", ")}>`
      : "";
  const roles = [...roleArgs].map(([name, filler]) => `${name}: ${filler.name}`).sort();
  return `${symbol.name}${types}${roles.length === 0 ? "" : `(${roles.join(", ")})`}`;
}
