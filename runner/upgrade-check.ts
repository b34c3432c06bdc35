import type { RunEvent } from "../plan/history.ts";
import type { Plan } from "../plan/plan.ts";
import { stepsOfFlow } from "../plan/walk-plan.ts";
import type { Refusal } from "./api.ts";

/**
 * Whether a failed run can go on with another plan: every step that has acted on the world must have its place there,
 * else its work would be done twice or never undone. Null when it can.
 */
export function checkUpgrade(options: {
  readonly old: Plan;
  readonly plan: Plan;
  readonly flow: string;
  readonly events: readonly RunEvent[];
}): Refusal | null {
  const { plan, flow, events } = options;
  if (plan.program.flows[flow] === undefined) {
    return { ok: false, code: "conflict", message: `the new plan has no flow ${flow}` };
  }
  const done = new Set<string>();
  for (const event of events) if (event.kind === "activity.succeeded") done.add(event.path);
  const lost = lostSteps(options, done);
  if (lost.length === 0) return null;
  const list = lost.join(", ");
  return {
    ok: false,
    code: "conflict",
    message: `the new plan has no step at ${list}, which has already acted; keep these steps, or start a new run`,
  };
}

/** Whether a fork can go on with another plan: the same, for the steps that it takes over. */
export function checkFork(options: {
  readonly old: Plan;
  readonly plan: Plan;
  readonly flow: string;
  readonly events: readonly RunEvent[];
  /** Paths of the calls that are taken over. */
  readonly kept: readonly string[];
}): Refusal | null {
  const { plan, flow, kept } = options;
  if (plan.program.flows[flow] === undefined)
    return { ok: false, code: "conflict", message: `the plan has no flow ${flow}` };
  const lost = lostSteps(options, new Set(kept));
  if (lost.length === 0) return null;
  const list = lost.join(", ");
  return {
    ok: false,
    code: "conflict",
    message: `the new plan has no step at ${list}, which has already acted; keep these steps, or fork after a step before them`,
  };
}

/** Steps that have acted and are not in the new plan. */
function lostSteps(
  {
    old,
    plan,
    events,
  }: { readonly old: Plan; readonly plan: Plan; readonly events: readonly RunEvent[] },
  done: ReadonlySet<string>,
): readonly string[] {
  const known = new Set(
    Object.values(plan.program.flows).flatMap((entry) =>
      [...stepsOfFlow(entry)].map((step) => step.path),
    ),
  );
  const lost = new Set<string>();
  for (const event of events) {
    if (event.kind !== "activity.started" || event.activity !== "tool" || !done.has(event.path))
      continue;
    const tool = old.program.tools[event.callee];
    const step = staticPath(event.path);
    if (tool !== undefined && tool.effect !== "read" && !known.has(step)) lost.add(step);
  }
  return [...lost];
}

/** The step in the plan that an activity belongs to: without item keys, rounds, turns and the parts after it. */
function staticPath(path: string): string {
  return path
    .replace(/[@!~:].*$/, "")
    .replace(/\[[^\]]*\]/g, "[]")
    .replace(/#\d+/g, "#");
}
