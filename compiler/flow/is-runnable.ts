import type { CheckedProgram } from "../types/checked.ts";
import { callsOf } from "./calls.ts";
import type { FlowInstance } from "./reach.ts";

/** False for a flow that nobody has specialised: its types, or who fills its roles, are not known. */
export function isRunnable(
  program: CheckedProgram,
  { instance, flow, module }: FlowInstance,
): boolean {
  if (flow.signature.typeParams.some((param) => !instance.typeArgs.has(param.id))) return false;
  return callsOf(module, flow).every(({ call }) => {
    const { callee } = call;
    if (callee.kind !== "roleParameter" || instance.roleArgs.has(callee.parameter)) return true;
    return (program.fillers.get(callee.role.id) ?? []).length > 0;
  });
}
