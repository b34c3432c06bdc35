import type { Plan, TriggerPlan } from "../../plan/plan.ts";
import type { Deployment } from "../ports/deployment-store.ts";
import type { Store } from "../ports/store.ts";

/** A deployed program with its plan. */
export interface Deployed {
  readonly deployment: Deployment;
  readonly plan: Plan;
}

/** A trigger of a flow of a deployed program. */
export interface DeployedTrigger<Kind extends TriggerPlan["kind"] = TriggerPlan["kind"]> {
  /** Names it in the store. Stays the same from plan to plan as long as the trigger does. */
  readonly id: string;
  readonly deployed: Deployed;
  /** Id of the flow in the plan. */
  readonly flow: string;
  /** Its place in the flow's list. */
  readonly index: number;
  readonly plan: TriggerPlan & { readonly kind: Kind };
}

/** Reads what is deployed; plans are read once. */
export function deploymentReader(store: Store): () => Promise<readonly Deployed[]> {
  const plans = new Map<string, Plan>();
  return async () => {
    const found: Deployed[] = [];
    for (const deployment of await store.deployments.list()) {
      const { planHash } = deployment;
      const plan = plans.get(planHash) ?? (await store.getPlan(planHash));
      if (plan === null)
        throw new Error(`the plan ${planHash} of ${deployment.program} is not in the store`);
      plans.set(planHash, plan);
      found.push({ deployment, plan });
    }
    return found;
  };
}

/** All triggers of some kinds, in a fixed order. */
export function triggersOf<Kind extends TriggerPlan["kind"]>(
  deployed: Deployed,
  kinds: readonly Kind[],
): readonly DeployedTrigger<Kind>[] {
  const { deployment, plan } = deployed;
  const ids = new Set<string>();
  return Object.entries(plan.program.flows).flatMap(([flow, { name, triggers }]) =>
    triggers.flatMap((trigger, index) => {
      if (!isOneOf(trigger, kinds)) return [];
      let id = `${deployment.program}/${name} ${subjectOf(trigger)}`;
      while (ids.has(id)) id += "'";
      ids.add(id);
      return [{ id, deployed, flow, index, plan: trigger }];
    }),
  );
}

function isOneOf<Kind extends TriggerPlan["kind"]>(
  trigger: TriggerPlan,
  kinds: readonly Kind[],
): trigger is TriggerPlan & { readonly kind: Kind } {
  return (kinds as readonly string[]).includes(trigger.kind);
}

/** What a trigger is known by: changing it makes it another one. */
function subjectOf(trigger: TriggerPlan): string {
  switch (trigger.kind) {
    case "cron":
      return `cron ${trigger.expression} ${trigger.zone}`;
    case "http":
      return `http ${trigger.method} ${trigger.path}`;
    case "event":
    case "slack":
      return `${trigger.kind} ${trigger.topic}`;
  }
}
