import type { Plan } from "../../plan/plan.ts";
import type { Deployment } from "../ports/deployment-store.ts";
import type { StoredSchedule } from "../ports/schedule-store.ts";
import type { Store } from "../ports/store.ts";
import { triggersOf, type Deployed, type DeployedTrigger } from "./deployed.ts";
import { sharedConsumer } from "./event-duty.ts";

export interface DeployedTriggers {
  readonly cron: readonly string[];
  readonly events: readonly string[];
}

/**
 * Lets a plan serve the triggers of its program. Schedules and places in the event log that it keeps go on where they are;
 * those of a flow that was renamed (`was`) too.
 */
export async function deploy(
  store: Store,
  { deployment, plan }: { readonly deployment: Deployment; readonly plan: Plan },
): Promise<DeployedTriggers> {
  const deployed: Deployed = { deployment, plan };
  const old = (await store.schedules.list()).filter(
    ({ program }) => program === deployment.program,
  );
  await store.putPlan(plan);
  await store.deployments.put(deployment);
  const crons = triggersOf(deployed, ["cron"]);
  for (const trigger of crons) await putSchedule(store, trigger, old);
  await dropSchedules(store, { of: old, except: new Set(crons.map(({ id }) => id)) });
  const events = triggersOf(deployed, ["event"]);
  if (events.length > 0) await store.log.subscribe(sharedConsumer);
  for (const { id, plan: trigger } of events)
    if (trigger.batch !== undefined || trigger.debounceMs !== undefined)
      await store.log.subscribe(id);
  return { cron: crons.map(({ id }) => id), events: events.map(({ id }) => id) };
}

/** Its triggers start nothing more; runs go on. False when it is not deployed. */
export async function withdraw(store: Store, program: string): Promise<boolean> {
  const schedules = (await store.schedules.list()).filter((entry) => entry.program === program);
  await dropSchedules(store, { of: schedules, except: new Set() });
  return store.deployments.remove(program);
}

async function putSchedule(
  store: Store,
  trigger: DeployedTrigger<"cron">,
  old: readonly StoredSchedule[],
): Promise<void> {
  const { id, deployed, flow, index } = trigger;
  const { program, planHash, atMs } = deployed.deployment;
  const { name = "", was } = deployed.plan.program.flows[flow] ?? {};
  const formerId =
    was === undefined ? undefined : id.replace(`${program}/${name} `, `${program}/${was} `);
  const former = old.find((schedule) => schedule.id === formerId);
  const sinceMs = former?.decidedUntilMs ?? atMs;
  await store.schedules.put({ id, program, flow, planHash, trigger: index, sinceMs });
  if (former?.paused === true) await store.schedules.pause(id, true);
}

async function dropSchedules(
  store: Store,
  schedules: { readonly of: readonly StoredSchedule[]; readonly except: ReadonlySet<string> },
): Promise<void> {
  for (const { id } of schedules.of)
    if (!schedules.except.has(id)) await store.schedules.remove(id);
}
