import type { GraphStep } from "./flow-graph.ts";

/** A step and all steps in its blocks. */
export function stepsInside(step: GraphStep): readonly GraphStep[] {
  return [step, ...step.blocks.flatMap((block) => block.steps.flatMap(stepsInside))];
}
