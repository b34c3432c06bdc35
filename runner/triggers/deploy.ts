import { required } from "../../base/assert.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Deployment, NewDeployment } from "../ports/deployment-store.ts";
import type { StoredSchedule } from "../ports/schedule-store.ts";
import type { Store } from "../ports/store.ts";
import { triggersOf, type Deployed, type DeployedTrigger } from "./deployed.ts";
import { isGathering, sharedConsumer } from "./event-duty.ts";

/** `conflict`: another deployment of the program, which is not the same, came between; null when it was withdrawn. */
export type DeployAnswer =
  | ({ readonly kind: "deployed" } & DeployedTriggers)
  | { readonly kind: "conflict"; readonly newest: Deployment | null };

export interface DeployedTriggers {
  /** Counts the deployments of the program, from 1. */
  readonly edition: number;
  readonly cron: readonly string[];
  readonly events: readonly string[];
}

/**
 * Lets a plan serve the triggers of its program. Schedules and places in the event log that it keeps go on where they are;
 * those of a flow that was renamed (`was`) too. `replaces` is the edition that it is meant to follow, the newest one unless told.
 */
export async function deploy(
  store: Store,
  options: {
    readonly deployment: NewDeployment;
    readonly plan: Plan;
    readonly replaces?: number | undefined;
  },
): Promise<DeployAnswer> {
  const { deployment, plan } = options;
  const { program } = deployment;
  const replaces = options.replaces ?? (await newestOf(store, program))?.edition ?? 0;
  await store.putPlan(plan);
  const edition = await store.deployments.put(deployment, replaces);
  const newest = edition === null ? await newestOf(store, program) : { ...deployment, edition };
  // Processes that start together deploy the same: one does, for all.
  if (newest === null || !isSame(newest, deployment)) return { kind: "conflict", newest };
  const deployed: Deployed = { deployment: { ...newest, atMs: deployment.atMs }, plan };
  await settle(store, deployed);
  const ids = (kind: "cron" | "event"): readonly string[] =>
    triggersOf(deployed, [kind]).map(({ id }) => id);
  return { kind: "deployed", edition: newest.edition, cron: ids("cron"), events: ids("event") };
}

async function newestOf(store: Store, program: string): Promise<Deployment | null> {
  const all = await store.deployments.list();
  return all.find((deployment) => deployment.program === program) ?? null;
}

function isSame(left: NewDeployment, right: NewDeployment): boolean {
  return (
    left.planHash === right.planHash &&
    left.environment === right.environment &&
    left.folder === right.folder &&
    left.mocked === right.mocked
  );
}

/**
 * Schedules and places become those of the newest edition: when another one has come meanwhile, what was just written is not
 * what it has written, so that one is written over it.
 */
async function settle(store: Store, deployed: Deployed): Promise<void> {
  const { program } = deployed.deployment;
  for (let now = deployed; ;) {
    await putTriggers(store, now);
    const newest = await newestOf(store, program);
    if (newest === null) {
      await withdraw(store, program);
      return;
    }
    if (newest.edition === now.deployment.edition) return;
    const plan = await store.getPlan(newest.planHash);
    now = { deployment: newest, plan: required(plan, "what is deployed has its plan") };
  }
}

async function putTriggers(store: Store, deployed: Deployed): Promise<void> {
  const { deployment } = deployed;
  const old = (await store.schedules.list()).filter(
    ({ program }) => program === deployment.program,
  );
  const crons = triggersOf(deployed, ["cron"]);
  for (const trigger of crons) await putSchedule(store, trigger, old);
  await dropSchedules(store, { of: old, except: new Set(crons.map(({ id }) => id)) });
  const events = triggersOf(deployed, ["event"]);
  if (events.length > 0) await store.log.subscribe(sharedConsumer);
  const gathering = events.filter(isGathering);
  for (const trigger of gathering) await putPlace(store, trigger);
  await dropPlaces(store, deployment.program, new Set(gathering.map(({ id }) => id)));
}

/** Its triggers start nothing more; runs go on. False when it is not deployed. */
export async function withdraw(store: Store, program: string): Promise<boolean> {
  const schedules = (await store.schedules.list()).filter((entry) => entry.program === program);
  await dropSchedules(store, { of: schedules, except: new Set() });
  const isDeployed = await store.deployments.remove(program);
  await dropPlaces(store, program, new Set());
  return isDeployed;
}

async function putSchedule(
  store: Store,
  trigger: DeployedTrigger<"cron">,
  old: readonly StoredSchedule[],
): Promise<void> {
  const { id, deployed, flow, index } = trigger;
  const { program, planHash, atMs } = deployed.deployment;
  const formerId = formerIdOf(trigger);
  const former = old.find((schedule) => schedule.id === formerId);
  const sinceMs = former?.decidedUntilMs ?? atMs;
  const paused = former?.paused ?? false;
  await store.schedules.put({ id, program, flow, planHash, trigger: index, sinceMs, paused });
}

/** What a trigger was called before its flow was renamed; null when it was not. */
function formerIdOf({ id, deployed, flow }: DeployedTrigger): string | null {
  const { program } = deployed.deployment;
  const { name = "", was } = deployed.plan.program.flows[flow] ?? {};
  return was === undefined ? null : id.replace(`${program}/${name} `, `${program}/${was} `);
}

/** The place in the event log of a trigger that gathers events. */
async function putPlace(store: Store, trigger: DeployedTrigger<"event">): Promise<void> {
  const formerId = formerIdOf(trigger);
  if (formerId !== null) await store.log.rename(formerId, trigger.id);
  await store.log.subscribe(trigger.id);
}

/** Places that no trigger of the program has any more: events would be kept for them for ever. */
async function dropPlaces(store: Store, program: string, kept: ReadonlySet<string>): Promise<void> {
  const prefix = `${program}/`;
  for (const consumer of await store.log.consumers()) {
    // Another program may be called like the beginning of this one.
    const isOwn = consumer.startsWith(prefix) && /^[^\s/]+ /.test(consumer.slice(prefix.length));
    if (isOwn && !kept.has(consumer)) await store.log.unsubscribe(consumer);
  }
}

async function dropSchedules(
  store: Store,
  schedules: { readonly of: readonly StoredSchedule[]; readonly except: ReadonlySet<string> },
): Promise<void> {
  for (const { id } of schedules.of)
    if (!schedules.except.has(id)) await store.schedules.remove(id);
}
