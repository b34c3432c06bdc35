import type { CheckedFlow, CheckedModule, CheckedProgram, Instance } from "../types/checked.ts";
import { instanceOf, plainInstance } from "../types/instance.ts";
import { flowGraph } from "./flow-graph.ts";
import type { FlowCall } from "./flow-graph.ts";
import { handoffsOf, skillsOf } from "./uses.ts";
import { constantTexts, writtenSetting } from "./written.ts";

/** Every call of a flow, at any depth, fallbacks and compensations included. */
export function callsOf(module: CheckedModule, flow: CheckedFlow): readonly FlowCall[] {
  return flowGraph(module, flow).calls;
}

const known = new WeakMap<CheckedProgram, Map<FlowCall, readonly Instance[]>>();

/** What a call may call: one callable, or the fillers of a role. Empty for the five actions and for roles nobody fills. */
export function targetsOf(
  program: CheckedProgram,
  flowCall: FlowCall,
  caller: Instance,
): readonly Instance[] {
  if (caller.typeArgs.size > 0 || caller.roleArgs.size > 0)
    return findTargets(program, flowCall, caller);
  // Nearly every rule asks, and nearly every flow has one instance only.
  let calls = known.get(program);
  if (calls === undefined) known.set(program, (calls = new Map<FlowCall, readonly Instance[]>()));
  let targets = calls.get(flowCall);
  if (targets === undefined)
    calls.set(flowCall, (targets = findTargets(program, flowCall, caller)));
  return targets;
}

function findTargets(
  program: CheckedProgram,
  flowCall: FlowCall,
  caller: Instance,
): readonly Instance[] {
  const { call, module, settings } = flowCall;
  const { callee } = call;
  const direct = instanceOf(program, module, call, caller);
  if (direct !== undefined)
    return settings.has("handoffs") ? [direct, ...handoffTargets(program, settings)] : [direct];
  if (callee.kind !== "role" && callee.kind !== "roleParameter" && callee.kind !== "roleValue")
    return [];
  const role = callee.kind === "role" ? callee.symbol : callee.role;
  const required = constantTexts(program, writtenSetting(program, settings.get("requires"))) ?? [];
  const fillers = (program.fillers.get(role.id) ?? []).filter((filler) => {
    if (required.length === 0) return true;
    const skills = skillsOf(program, filler);
    return required.every((skill) => skills.includes(skill));
  });
  return fillers.map(plainInstance);
}

function handoffTargets(
  program: CheckedProgram,
  settings: FlowCall["settings"],
): readonly Instance[] {
  const handoffs = handoffsOf(program, settings.get("handoffs"));
  const symbols = handoffs.flatMap((handoff) => [
    handoff.from,
    ...handoff.to.map((target) => target.symbol),
  ]);
  const known = new Map(
    symbols.flatMap((symbol) => (symbol?.kind === "agent" ? [[symbol.id, symbol] as const] : [])),
  );
  return [...known.values()].map(plainInstance);
}
