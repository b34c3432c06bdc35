import type { CheckedFlow, CheckedModule, CheckedProgram, Instance } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import { targetsOf } from "./calls.ts";
import { flowGraph } from "./flow-graph.ts";
import type { BlockGraph, FlowCall, GraphStep } from "./flow-graph.ts";
import { instanceId } from "./reach.ts";

/** The steps of a flow and what they call, as a text: equal texts, same effects, reach and paths of steps. */
export function callsText(
  program: CheckedProgram,
  module: CheckedModule,
  flow: CheckedFlow,
): string {
  const caller = plainInstance(flow.symbol);
  const textOfBlock = ({ steps }: BlockGraph): string => `{${steps.map(textOfStep).join(" ")}}`;
  const textOfStep = ({ name, blocks, call }: GraphStep): string =>
    `${name}${call === null ? "" : textOfCall(program, call, caller)}${blocks.map(textOfBlock).join("")}`;
  const graph = flowGraph(module, flow);
  const around = [...graph.blocks.values()].map(textOfBlock);
  return `${textOfBlock(graph.body)} ${around.join(" ")}`;
}

function textOfCall(program: CheckedProgram, call: FlowCall, caller: Instance): string {
  const { callee } = call.call;
  const of = callee.kind === "roleValue" || callee.kind === "roleParameter" ? callee.role.id : "";
  const own = "symbol" in callee ? callee.symbol.id : of;
  const targets = targetsOf(program, call, caller).map(textOfTarget);
  return `=${callee.kind} ${own}(${targets.join(", ")})`;
}

/** With the fillers' files, which keys of instances leave out. */
function textOfTarget(target: Instance): string {
  const fillers = [...target.roleArgs.values()].map(({ id }) => id);
  return `${instanceId(target)}[${fillers.join(" ")}]`;
}
