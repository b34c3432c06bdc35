import type { ActionPlan, BlockPlan, CallPlan, FlowPlan, StepPlan } from "./plan.ts";

/** Gives every block directly inside an action, in the order a reader meets them. */
export function blocksOf(action: ActionPlan): readonly BlockPlan[] {
  switch (action.kind) {
    case "value":
      return [];
    case "call":
      return [
        ...optional(action.fallback),
        ...(action.undo === undefined ? [] : blocksOf(action.undo)),
      ];
    case "if":
      return action.else === null ? [action.then] : [action.then, action.else];
    case "match":
      return action.arms.map((arm) => arm.block);
    case "for":
    case "repeat":
    case "race":
      return [action.body, ...optional(action.fallback)];
  }
}

/** Every block of a flow: its body, its fallback, those of its states, and all blocks within. */
export function* blocksOfFlow(flow: FlowPlan): Generator<BlockPlan> {
  const roots = [
    flow.body,
    ...optional(flow.fallback),
    ...flow.states.flatMap((state) => optional(state.onIdle)),
  ];
  for (const root of roots) yield* withInner(root);
}

export function* stepsOfFlow(flow: FlowPlan): Generator<StepPlan> {
  for (const block of blocksOfFlow(flow)) yield* block.steps;
}

/** Every call of a flow, compensations included. */
export function* callsOfFlow(flow: FlowPlan): Generator<CallPlan> {
  for (const step of stepsOfFlow(flow)) {
    for (
      let action: ActionPlan | undefined = step.action;
      action?.kind === "call";
      action = action.undo
    )
      yield action;
  }
}

function* withInner(block: BlockPlan): Generator<BlockPlan> {
  yield block;
  for (const step of block.steps) {
    for (const inner of blocksOf(step.action)) yield* withInner(inner);
  }
}

function optional(block: BlockPlan | undefined): readonly BlockPlan[] {
  return block === undefined ? [] : [block];
}
