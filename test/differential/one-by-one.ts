import { planHash } from "../../plan/hash.ts";
import type { ActionPlan, BlockPlan, FlowPlan, Plan, StepPlan } from "../../plan/plan.ts";
import { blocksOf } from "../../plan/walk-plan.ts";

/**
 * The plan with nothing side by side: each step waits for the one before it, items come one after the other, and of a race only
 * its last racer is left. Then the engine leaves nothing open, and the history of a run follows from what was answered.
 */
export function oneByOne(made: Plan): Plan {
  const { program } = made;
  const flows = Object.fromEntries(
    Object.entries(program.flows).map(([id, flow]) => [id, ofFlow(flow)]),
  );
  const changed = { ...program, flows };
  return { ...made, program: changed, hash: planHash(changed) };
}

function ofFlow(flow: FlowPlan): FlowPlan {
  const fallback = flow.fallback === undefined ? {} : { fallback: ofBlock(flow.fallback) };
  return { ...flow, body: ofBlock(flow.body), ...fallback };
}

function ofBlock(block: BlockPlan): BlockPlan {
  const own = new Set(block.steps.map((step) => step.name));
  const left = [...block.steps];
  const done = new Set<string>();
  const steps: StepPlan[] = [];
  while (left.length > 0) {
    const ready = left.findIndex((step) =>
      [...mentioned(step)].every((name) => !own.has(name) || done.has(name)),
    );
    const [step] = left.splice(Math.max(0, ready), 1);
    if (step === undefined) break;
    const last = steps.at(-1);
    const waits = last === undefined ? step.waits : [...new Set([...step.waits, last.name])];
    steps.push({ ...step, waits, action: ofAction(step.action) });
    done.add(step.name);
  }
  return { ...block, steps };
}

function ofAction(action: ActionPlan): ActionPlan {
  switch (action.kind) {
    case "value":
      return action;
    case "call":
      return action.fallback === undefined
        ? action
        : { ...action, fallback: ofBlock(action.fallback) };
    case "if":
      return {
        ...action,
        then: ofBlock(action.then),
        else: action.else === null ? null : ofBlock(action.else),
      };
    case "match":
      return {
        ...action,
        arms: action.arms.map((arm) => ({ ...arm, block: ofBlock(arm.block) })),
      };
    case "race":
      return { ...action, body: { ...action.body, steps: action.body.steps.slice(-1) } };
    case "for":
      return {
        ...action,
        body: ofBlock(action.body),
        concurrency: { op: "value", value: 1 },
        ...fallbackOf(action),
      };
    case "repeat":
      return { ...action, body: ofBlock(action.body), ...fallbackOf(action) };
  }
}

function fallbackOf({ fallback }: { readonly fallback?: BlockPlan }): {
  readonly fallback?: BlockPlan;
} {
  return fallback === undefined ? {} : { fallback: ofBlock(fallback) };
}

/** All steps mentioned in a step, at whatever depth. */
function* mentioned(step: StepPlan): Generator<string> {
  yield* step.waits;
  for (const inner of blocksOf(step.action)) {
    yield* inner.outputWaits;
    for (const entry of inner.steps) yield* mentioned(entry);
  }
}
