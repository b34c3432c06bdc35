import type { Plan } from "../plan/plan.ts";
import { incompatibleStates } from "../plan/state-changes.ts";
import type { Outcome, Refusal, Runner, RunStatus } from "./api.ts";
import type {
  DeployedTriggers,
  DeployOptions,
  Operations,
  ScheduleView,
  SubscriptionView,
  TickView,
} from "./operations-api.ts";
import type { Clock } from "./ports/clock.ts";
import type { Deployment } from "./ports/deployment-store.ts";
import type { Duty } from "./ports/duty.ts";
import type { Store } from "./ports/store.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import type { QueueDepth } from "./queue-depth.ts";
import { redrive, type RedriveOptions, type Redriven } from "./redrive.ts";
import { defaultRetention, retentionDuty, type Retention } from "./retention-duty.ts";
import type { RunStarter } from "./run-starter.ts";
import { backfill } from "./triggers/backfill.ts";
import { cronDuty, type CronParts } from "./triggers/cron-duty.ts";
import { deploy, withdraw } from "./triggers/deploy.ts";
import { deploymentReader, triggersOf } from "./triggers/deployed.ts";
import { eventDuty } from "./triggers/event-duty.ts";
import { nextTick } from "./triggers/plan-ticks.ts";

export interface OperationParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly newId: () => string;
  readonly starter: RunStarter;
  readonly folder: string;
  readonly mocked: boolean;
  readonly retention: Retention | undefined;
  readonly queueDepth: QueueDepth | null;
  readonly runner: () => Runner;
  /** The run has something to do: here if it may be done here, else wherever there is room. */
  readonly notify: (run: string) => void;
}

/** The operator's side of a runner. */
export class RunnerOperations implements Operations {
  private readonly parts: OperationParts;
  private readonly triggers: CronParts;
  readonly duties: readonly Duty[];

  constructor(parts: OperationParts) {
    this.parts = parts;
    const { store, clock, telemetry, notify, starter } = parts;
    this.triggers = {
      store,
      clock,
      telemetry,
      notify,
      prepare: (request) => starter.prepare(request),
      configOf: (deployed, flow) => starter.configOf(deployed, flow),
    };
    const retention = parts.retention ?? defaultRetention;
    this.duties = [
      cronDuty(this.triggers),
      eventDuty({
        ...this.triggers,
        isFull: async () => (await parts.queueDepth?.isFull()) ?? false,
      }),
      retentionDuty({ store, clock, telemetry, retention }),
    ];
  }

  async deploy({
    program,
    plan,
    environment = "",
    folder = this.parts.folder,
    replaces,
  }: DeployOptions): Promise<Outcome<DeployedTriggers>> {
    const { store, clock, starter, mocked } = this.parts;
    if (program === "") return refusal("invalid_input", "a program needs a name to be deployed");
    const deployment = {
      program,
      planHash: plan.hash,
      environment,
      folder,
      mocked,
      atMs: clock.now(),
    };
    const refused = await starter.checkTriggers(plan, { environment, folder, mocked });
    if (refused !== null) return refused;
    const lost = await this.lostState(program, plan);
    if (lost !== null) return lost;
    const answer = await deploy(store, { deployment, plan, replaces });
    if (answer.kind === "conflict") return refusal("conflict", overtaken(program, answer.newest));
    const { edition, cron, events } = answer;
    return { ok: true, edition, cron, events };
  }

  /** Why a state would lose all that the program in service has stored; null if none would. */
  private async lostState(program: string, plan: Plan): Promise<Refusal | null> {
    const { store } = this.parts;
    const all = await store.deployments.list();
    const deployment = all.find((one) => one.program === program);
    const before = deployment === undefined ? null : await store.getPlan(deployment.planHash);
    const [change] = before === null ? [] : incompatibleStates(before.program, plan.program);
    if (change === undefined) return null;
    const help = "keep a type that old values fit, or give the state another name";
    return refusal(change.code, `${change.code}: ${change.message}; ${help}`);
  }

  async withdraw(program: string): Promise<Outcome<object>> {
    if (await withdraw(this.parts.store, program)) return { ok: true };
    return refusal("not_found", `no program ${program} is deployed`);
  }

  async deployments(): ReturnType<Operations["deployments"]> {
    const all = await this.parts.store.deployments.list();
    return all.map(({ program, planHash, environment, atMs, edition }) => ({
      program,
      edition,
      planHash,
      environment,
      deployedAtMs: atMs,
    }));
  }

  async subscriptions(): Promise<readonly SubscriptionView[]> {
    const deployed = await deploymentReader(this.parts.store)();
    return deployed
      .flatMap((entry) => triggersOf(entry, ["event"]))
      .map(({ id, flow, deployed: { deployment }, plan: { topic } }) => ({
        id,
        program: deployment.program,
        flow,
        topic,
      }));
  }

  async schedules(): Promise<readonly ScheduleView[]> {
    const { store, clock } = this.parts;
    const stored = new Map((await store.schedules.list()).map((entry) => [entry.id, entry]));
    const deployed = await deploymentReader(store)();
    return deployed
      .flatMap((entry) => triggersOf(entry, ["cron"]))
      .map(({ id, flow, deployed: { deployment }, plan: { expression, zone, ...cron } }) => ({
        id,
        program: deployment.program,
        flow,
        expression,
        zone,
        paused: stored.get(id)?.paused ?? false,
        nextTickAtMs: nextTick({ expression, zone, ...cron }, clock.now()),
      }));
  }

  pauseSchedule(id: string): Promise<Outcome<object>> {
    return this.setPaused(id, true);
  }

  resumeSchedule(id: string): Promise<Outcome<object>> {
    return this.setPaused(id, false);
  }

  async ticks(
    schedule: string,
    { limit = 100 }: { readonly limit?: number } = {},
  ): Promise<readonly TickView[]> {
    const ticks = await this.parts.store.schedules.ticks({ schedule, limit });
    return ticks.map(({ atMs, outcome, reason, run }) => ({ atMs, outcome, reason, run }));
  }

  async backfill(
    options: Parameters<Operations["backfill"]>[0],
  ): ReturnType<Operations["backfill"]> {
    const done = await backfill({ dryRun: false, ...options }, this.triggers);
    if (!done.ok) return done;
    return { ok: true, ticks: done.ticks, runs: done.started.flatMap(({ run }) => run ?? []) };
  }

  async pauseRun(run: string): Promise<Outcome<{ status: RunStatus }>> {
    const { store, clock, newId, notify } = this.parts;
    const head = await store.head(run);
    if (head === null) return refusal("not_found", `there is no run ${run}`);
    if (head.status === "paused") return { ok: true, status: "paused" };
    const item = { id: newId(), run, atMs: clock.now(), kind: "pause" } as const;
    if (head.endedAtMs !== null || !(await store.deliver(item)))
      return refusal("conflict", `run ${run} has ended already`);
    notify(run);
    return { ok: true, status: head.status };
  }

  async hold(flow: string | null, reason = "held by hand"): Promise<Outcome<object>> {
    const { store, clock } = this.parts;
    await store.holds.put({ flow, reason, atMs: clock.now() });
    return { ok: true };
  }

  async lift(flow: string | null): Promise<Outcome<object>> {
    const { store, clock, notify } = this.parts;
    if (!(await store.holds.lift(flow)))
      return refusal("not_found", flow === null ? "not all flows are held" : `${flow} is not held`);
    for (const run of await store.runnable({ nowMs: clock.now(), limit: 1_000 })) notify(run);
    return { ok: true };
  }

  holds(): ReturnType<Operations["holds"]> {
    return this.parts.store.holds.list();
  }

  redrive(options: RedriveOptions): Promise<Redriven> {
    return redrive(this.parts.runner(), this.parts.clock, options);
  }

  private async setPaused(id: string, paused: boolean): Promise<Outcome<object>> {
    if (await this.parts.store.schedules.pause(id, paused)) return { ok: true };
    return refusal("not_found", `there is no schedule ${id}`);
  }
}

function refusal(code: string, message: string): Refusal {
  return { ok: false, code, message };
}

function overtaken(program: string, newest: Deployment | null): string {
  if (newest === null) return `${program} is not deployed, so there is no edition to replace`;
  const { edition, planHash, atMs } = newest;
  const at = new Date(atMs).toISOString();
  return `${program} was deployed by somebody else: edition ${edition} of ${at}, plan ${planHash.slice(0, 12)}; deploy again to replace that`;
}
