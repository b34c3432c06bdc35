import type {
  CheckedFlow,
  CheckedModule,
  CheckedProgram,
  Instance,
  ResolvedCall,
  ResolvedSetting,
} from "../types/checked.ts";
import type { Action, Invoke } from "../syntax/tree.ts";
import { instanceOf, plainInstance } from "../types/instance.ts";
import { flowGraph } from "./flow-graph.ts";
import type { GraphStep } from "./flow-graph.ts";
import { innermost } from "./innermost.ts";
import { handoffsOf, skillsOf } from "./uses.ts";
import { constantTexts, writtenSetting } from "./written.ts";

/** One call in one flow. */
export interface FlowCall {
  readonly step: GraphStep;
  readonly invoke: Invoke;
  readonly call: ResolvedCall;
  readonly module: CheckedModule;
  /** The call's own settings. */
  readonly settings: ReadonlyMap<string, ResolvedSetting>;
}

const noSettings: ReadonlyMap<string, ResolvedSetting> = new Map();

/** Every call of a flow, at any depth, fallbacks and compensations included. */
export function callsOf(module: CheckedModule, flow: CheckedFlow): readonly FlowCall[] {
  return [...flowGraph(module, flow).steps.values()].flatMap(
    (step) => flowCall(module, step) ?? [],
  );
}

export function flowCall(module: CheckedModule, step: GraphStep): FlowCall | null {
  const resolved = resolvedCall(module, step.action);
  if (resolved === null || step.action.kind !== "invoke") return null;
  const settings = step.action.block === null ? noSettings : module.settingsOf(step.action.block);
  return { step, invoke: step.action, call: resolved, module, settings };
}

export function resolvedCall(module: CheckedModule, action: Action): ResolvedCall | null {
  if (action.kind !== "invoke") return null;
  const expression = innermost(action.expression);
  return expression.kind === "call" ? (module.callOf(expression) ?? null) : null;
}

/** What a call may call: one callable, or the fillers of a role. Empty for the five actions and for roles nobody fills. */
export function targetsOf(
  program: CheckedProgram,
  flowCall: FlowCall,
  caller: Instance,
): readonly Instance[] {
  const { call, module, settings } = flowCall;
  const { callee } = call;
  const direct = instanceOf(program, module, call, caller);
  if (direct !== undefined) return [direct, ...handoffTargets(program, settings)];
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
