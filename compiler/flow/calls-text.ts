import type { CheckedFlow, CheckedModule, CheckedProgram, Instance } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import { targetsOf } from "./calls.ts";
import { flowGraph } from "./flow-graph.ts";
import type { BlockGraph, FlowCall, GraphStep } from "./flow-graph.ts";
import { instanceId } from "./reach.ts";
import { settingSymbol } from "./uses.ts";

/**
 * All that rules in other files see inside a flow, but for labels and bounds: its steps, what kinds they are, and whom they
 * call on which model. Equal texts, same effects, same reach. A rule that reads more needs more written here.
 */
export function callsText(
  program: CheckedProgram,
  module: CheckedModule,
  flow: CheckedFlow,
): string {
  const caller = plainInstance(flow.symbol);
  const textOfBlock = ({ steps }: BlockGraph): string => `{${steps.map(textOfStep).join(" ")}}`;
  const textOfStep = ({ name, action, blocks, call }: GraphStep): string =>
    `${name}:${action.kind}${call === null ? "" : textOfCall(program, call, caller)}${blocks.map(textOfBlock).join("")}`;
  const graph = flowGraph(module, flow);
  const around = graph.blocks.map(textOfBlock);
  return `${textOfBlock(graph.body)} ${around.join(" ")}`;
}

function textOfCall(program: CheckedProgram, call: FlowCall, caller: Instance): string {
  const { callee } = call.call;
  const of = callee.kind === "roleValue" || callee.kind === "roleParameter" ? callee.role.id : "";
  const own = "symbol" in callee ? callee.symbol.id : of;
  const targets = targetsOf(program, call, caller).map(textOfTarget);
  const model = settingSymbol(program, call.settings.get("model"))?.id ?? "";
  const handoffs = call.settings.has("handoffs") ? "handoffs" : "";
  return `=${callee.kind} ${own}(${targets.join(", ")}) ${model} ${handoffs}`;
}

/** With the fillers' files, which keys of instances leave out. */
function textOfTarget(target: Instance): string {
  const fillers = [...target.roleArgs.values()].map(({ id }) => id);
  return `${instanceId(target)}[${fillers.join(" ")}]`;
}
