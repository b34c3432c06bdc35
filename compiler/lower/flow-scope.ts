import type { BlockPlan } from "../../plan/plan.ts";
import { flowGraph } from "../flow/flow-graph.ts";
import type { Body, FlowGraph } from "../flow/flow-graph.ts";
import type { FlowInstance } from "../flow/reach.ts";
import type { Instance } from "../types/checked.ts";
import type { LowerContext, Scope } from "./lower-context.ts";

/** The scope of one instance of a flow, with the graph of its steps. */
export interface FlowScope extends Scope {
  readonly instance: Instance;
  readonly graph: FlowGraph;
  /** Lowers a block inside: blocks hold actions and actions hold blocks, so one of them must be handed on. */
  readonly lowerBlock: LowerBlock;
}

export type LowerBlock = (body: Body, scope: FlowScope) => BlockPlan;

export function flowScope(
  context: LowerContext,
  { instance, flow, module }: FlowInstance,
  lowerBlock: LowerBlock,
): FlowScope {
  return {
    context,
    module,
    instance,
    typeArgs: instance.typeArgs,
    roleArgs: instance.roleArgs,
    graph: flowGraph(module, flow),
    lowerBlock,
  };
}
