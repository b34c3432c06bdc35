import { didYouMean } from "../../base/did-you-mean.ts";
import type { FlowPlan, Plan } from "../../plan/plan.ts";
import { UserMistake } from "../user-mistake.ts";

/** `triage.agentflow#triage` is a file and a flow; the flow may be left out. */
export function splitTarget(target: string): {
  readonly file: string;
  readonly flow: string | undefined;
} {
  const at = target.lastIndexOf("#");
  return at < 0
    ? { file: target, flow: undefined }
    : { file: target.slice(0, at), flow: target.slice(at + 1) };
}

/** The flow that was named, or the only one of the entry file. */
export function chooseFlow(
  plan: Plan,
  named: string | undefined,
  target: string,
): { readonly id: string; readonly flow: FlowPlan } {
  const id = chosen(plan, named, target, ownFlows(plan));
  const flow = plan.program.flows[id];
  if (flow === undefined || !flow.runnable) {
    throw new UserMistake(`flow ${id} can't be run by itself: nobody here fills its roles`, {
      hints: ["call it from another flow with agents that fill them"],
    });
  }
  return { id, flow };
}

/** Like `chooseFlow`, for pictures: a flow that can't be run can be drawn. */
export function chooseFlowToShow(plan: Plan, named: string | undefined, target: string): string {
  return chosen(plan, named, target, declaredFlows(plan));
}

function chosen(
  plan: Plan,
  named: string | undefined,
  target: string,
  offered: readonly string[],
): string {
  const id = named ?? (offered.length === 1 ? offered[0] : undefined);
  if (id === undefined) {
    if (offered.length === 0) throw new UserMistake(`${target} has no flow that can be run`);
    throw new UserMistake(`${target} has ${offered.length} flows; say which one`, {
      hints: offered.map((name) => `${target}#${name}`),
    });
  }
  if (plan.program.flows[id] !== undefined) return id;
  const [meant] = didYouMean(id, Object.keys(plan.program.flows));
  const file = splitTarget(target).file;
  throw new UserMistake(`${file} has no flow \`${id}\``, {
    hints:
      meant === undefined ? [`it has ${offered.join(", ")}`] : [`did you mean ${file}#${meant}?`],
  });
}

/** Flows that the entry file declares; those of imported files and specialised ones can be named, but are not offered. */
function declaredFlows(plan: Plan): readonly string[] {
  return Object.keys(plan.program.flows).filter((id) => {
    const span = plan.source.spans[`flow:${id}`];
    return !id.includes("(") && (span === undefined || span[0] === 0);
  });
}

export function ownFlows(plan: Plan): readonly string[] {
  return declaredFlows(plan).filter((id) => plan.program.flows[id]?.runnable === true);
}
