import type { Json } from "../plan/expression.ts";
import type { RunCreated } from "../plan/history.ts";
import type { Plan } from "../plan/plan.ts";
import type { Outcome, Refusal, StartOptions } from "./api.ts";
import { openRun } from "./engine/fold.ts";
import type { Clock } from "./ports/clock.ts";
import type { NewRun, Overlap, Slot } from "./ports/new-run.ts";
import type { RunHead, Store } from "./ports/store.ts";
import type { Notice } from "./ports/transport.ts";
import type { Programs } from "./programs.ts";
import type { QueueDepth } from "./queue-depth.ts";
import { requestHashSteps } from "./request-hash.ts";
import { decodeInput, type DecodedInput } from "./run-input.ts";
import { isLargerSteps } from "./steps/unkeepable.ts";
import type { Deployed } from "./triggers/deployed.ts";
import type { TriggeredRun } from "./triggers/triggered-run.ts";
import type { FreshRun } from "./worker/assume-run.ts";
import { inTurns } from "./ports/in-turns.ts";
import type { Worker } from "./worker/worker.ts";
import type { WorkerHost } from "./worker/worker-host.ts";

export interface RunStarterParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly programs: Programs;
  readonly worker: () => Worker;
  readonly folder: string;
  readonly mocked: boolean;
  readonly queueDepth: QueueDepth | null;
  /** What the input of a run may have as JSON. */
  readonly maxValueBytes: number;
}

interface Wanted {
  readonly plan: Plan;
  readonly setting: Pick<
    RunCreated,
    "flow" | "environment" | "folder" | "mocked" | "slots" | "kept" | "forkedFrom" | "request"
  >;
  readonly input: RunCreated["input"];
  readonly trigger: RunCreated["trigger"];
  readonly idempotencyKey: string | null;
  readonly overlap?: StartOptions["overlap"];
  readonly fairnessKey?: string;
}

type Started = Outcome<{ run: string; existing: boolean }>;

/** Creates runs: checks that they can begin, decodes their input, and gives them to the worker. */
export class RunStarter {
  private readonly parts: RunStarterParts;
  /** The newest plan that has each flow, for `continue`. */
  private readonly newest = new Map<string, Plan>();

  constructor(parts: RunStarterParts) {
    this.parts = parts;
  }

  async start(options: StartOptions): Promise<Started> {
    const input = await this.checkInput(options.plan, options.flow, options.input);
    if (!input.ok) return input;
    const { folder, mocked } = this.parts;
    const { plan, flow, environment = "", trigger = null, idempotencyKey = null } = options;
    const request = await this.hashed(idempotencyKey, { flow, environment, input: options.input });
    return this.create({
      plan,
      setting: { flow, environment, folder, ...(mocked ? { mocked } : {}), ...request },
      input: input.value,
      trigger,
      idempotencyKey,
      ...when("overlap", options.overlap),
      ...when("fairnessKey", options.fairnessKey),
    });
  }

  /** Starts a run with what another one has finished. */
  async startFork(fork: {
    readonly plan: Plan;
    /** How the other run began. */
    readonly of: RunCreated;
    readonly input: RunCreated["input"];
    readonly kept: NonNullable<RunCreated["kept"]>;
    readonly forkedFrom: NonNullable<RunCreated["forkedFrom"]>;
    readonly idempotencyKey: string | null;
  }): Promise<Started> {
    const { plan, of, kept, forkedFrom, idempotencyKey } = fork;
    const { flow, environment, mocked } = of;
    const input = await this.checkInput(plan, flow, fork.input);
    if (!input.ok) return input;
    // Another plan was loaded from where this process stands.
    const folder = (plan.hash === of.planHash ? of.folder : undefined) ?? this.parts.folder;
    const request = await this.hashed(idempotencyKey, { flow, forkedFrom, input: fork.input });
    const origin = { ...when("mocked", mocked), kept, forkedFrom, ...request };
    const setting = { flow, environment, folder, ...origin };
    const trigger = { forks: forkedFrom.run };
    return this.create({ plan, setting, input: input.value, trigger, idempotencyKey });
  }

  /** Null when this process can go on with the run. */
  async checkResume(head: RunHead): Promise<Refusal | null> {
    const { store, programs } = this.parts;
    const plan = await store.getPlan(head.planHash);
    const [created] = await store.events(head.run, { afterSeq: 0, limit: 1 });
    if (plan === null || created?.kind !== "run.created") {
      return refuse("internal", `run ${head.run} has lost its plan`);
    }
    const prepared = await programs.prepare(plan, created);
    return prepared.ok ? null : prepared;
  }

  /** The run that `continue` starts, on the newest plan of its flow. */
  async nextRun(from: Parameters<WorkerHost["nextRun"]>[0]): Promise<NewRun> {
    const { planHash, input, continuation, notBeforeMs, atMs } = from;
    const { request: _request, kept: _kept, forkedFrom: _origin, ...rest } = from.created;
    const { limits: _limits, ...begun } = rest;
    const created = { ...begun, flow: from.flow };
    const { store, programs, newId, worker } = this.parts;
    const plan = (await this.newestPlan(created)) ?? (await store.getPlan(planHash));
    if (plan === null) throw new Error(`the plan ${planHash} is not in the store`);
    const next: RunCreated = {
      ...created,
      run: newId(),
      planHash: plan.hash,
      input,
      trigger: { continues: created.run },
      continuation,
      ...(notBeforeMs === null ? {} : { notBeforeMs }),
      ...limitsOf(plan),
    };
    const prepared = await programs.prepare(plan, next);
    const config = prepared.ok ? prepared.config : created.config;
    const { run, flow } = next;
    worker().adopt(run);
    return {
      run,
      planHash: plan.hash,
      flow,
      idempotencyKey: null,
      priority: 5,
      wakeAtMs: notBeforeMs,
      events: [{ ...next, config, seq: 1, atMs }],
    };
  }

  /** The newest plan that has a flow: the one that is deployed, else the one last started here. */
  private async newestPlan({ flow, environment, folder }: RunCreated): Promise<Plan | null> {
    const { store } = this.parts;
    for (const deployment of await store.deployments.list()) {
      if (deployment.environment !== environment || deployment.folder !== folder) continue;
      const plan = await store.getPlan(deployment.planHash);
      if (plan?.program.flows[flow] !== undefined) return plan;
    }
    return this.newest.get(flow) ?? null;
  }

  /** Null when every flow with a trigger can be started in this process. */
  async checkTriggers(
    plan: Plan,
    setting: { readonly environment: string; readonly folder: string; readonly mocked: boolean },
  ): Promise<Refusal | null> {
    const problems: { readonly path: string; readonly message: string }[] = [];
    for (const [flow, { triggers }] of Object.entries(plan.program.flows)) {
      if (triggers.length === 0) continue;
      const prepared = await this.parts.programs.prepare(plan, { flow, ...setting });
      if (prepared.ok) continue;
      const found = prepared.problems ?? [{ path: flow, message: prepared.message }];
      for (const problem of found)
        if (!problems.some(({ path }) => path === problem.path)) problems.push(problem);
    }
    if (problems.length === 0) return null;
    const list = problems.map(({ path, message }) => `${path} ${message}`).join("; ");
    return {
      ok: false,
      code: "AF7006",
      message: `the program can't be deployed: ${list}`,
      problems,
    };
  }

  /** For triggers: what `config` says. Nothing while the flow can't be started here, which is told when its run is prepared. */
  async configOf({ deployment, plan }: Deployed, flow: string): Promise<RunCreated["config"]> {
    const { environment, folder, mocked } = deployment;
    const setting = { flow, environment, folder, ...(mocked ? { mocked } : {}) };
    const prepared = await this.parts.programs.prepare(plan, setting);
    return prepared.ok ? prepared.config : {};
  }

  /** For triggers: the run to be created, which is created together with what asks for it. */
  async prepare(
    request: TriggeredRun,
  ): Promise<{ readonly ok: true; readonly run: NewRun } | Refusal> {
    const { deployed, flow, trigger, idempotencyKey, slots } = request;
    const { deployment, plan } = deployed;
    const { environment, folder, mocked } = deployment;
    const input = await this.checkInput(plan, flow, request.input);
    if (!input.ok) return input;
    const drafted = await this.draft({
      plan,
      setting: {
        flow,
        environment,
        folder,
        ...(mocked ? { mocked } : {}),
        ...(slots.length === 0 ? {} : { slots }),
      },
      input: input.value,
      trigger,
      idempotencyKey,
      overlap: request.overlap,
    });
    return drafted.ok ? { ok: true, run: drafted.run } : drafted;
  }

  /** An input may be large, and whoever started it is not the only one here. */
  private async checkInput(
    plan: Plan,
    id: string,
    given: StartOptions["input"],
  ): Promise<DecodedInput> {
    const flow = plan.program.flows[id];
    if (flow === undefined) return refuse("not_found", `the program has no flow ${id}`);
    if (!flow.runnable) {
      const why = "its role parameters must be filled by the flow that calls it";
      return refuse("invalid_input", `${id} can't be run by itself: ${why}`);
    }
    const { maxValueBytes, clock } = this.parts;
    if (await inTurns(isLargerSteps(given, maxValueBytes), clock))
      return refuse("invalid_input", `the input has more than ${maxValueBytes} bytes`);
    return inTurns(decodeInput(plan.program, flow, given), clock);
  }

  private async create(wanted: Wanted): Promise<Started> {
    const { store } = this.parts;
    const { plan, setting } = wanted;
    const { flow } = setting;
    const drafted = await this.draft(wanted);
    if (!drafted.ok) return drafted;
    const { queueDepth } = this.parts;
    if ((await queueDepth?.isFull()) === true) {
      const { idempotencyKey } = drafted.run;
      const known = idempotencyKey === null ? null : await store.startedWith(idempotencyKey);
      if (known !== null)
        return (
          (await this.mistaken(known, wanted)) ??
          this.goOnWith(known, { priority: drafted.run.priority, flow })
        );
      const message = `${queueDepth?.limit} runs wait for a worker already; start it again later, or add workers`;
      return refuse("overloaded", message);
    }
    this.newest.set(flow, plan);
    await store.putPlan(plan);
    const stored = await store.createRun(drafted.run);
    if (stored.skipped === true)
      return refuse("conflict", `${flow} goes on already, and this start asked to be skipped then`);
    const mistake = stored.existing ? await this.mistaken(stored.run, wanted) : null;
    if (mistake !== null) return mistake;
    if (!stored.existing) queueDepth?.added();
    const worker = this.parts.worker();
    worker.adopt(stored.run);
    if (!stored.existing) worker.prepare(stored.run, drafted.fresh);
    worker.attend(stored.run, { priority: drafted.run.priority, flow });
    return { ok: true, run: stored.run, existing: stored.existing };
  }

  /** What was asked for, so that nobody takes the result of another request for that of his own. */
  private async hashed(key: string | null, asked: Json): Promise<Pick<RunCreated, "request">> {
    if (key === null) return {};
    return { request: await inTurns(requestHashSteps(asked), this.parts.clock) };
  }

  /** Null when the run that has the key was asked for in the same words. */
  private async mistaken(
    run: string,
    { setting, idempotencyKey }: Wanted,
  ): Promise<Refusal | null> {
    const [created] = await this.parts.store.events(run, { afterSeq: 0, limit: 1 });
    if (created?.kind !== "run.created" || created.request === undefined) return null;
    if (setting.request === undefined || setting.request === created.request) return null;
    return refuse(
      "conflict",
      `the key "${idempotencyKey}" has started run ${run} ${difference(created, setting)}: one key stands for one request; use another key for another one`,
    );
  }

  /** A start that is asked for once more adds nothing to the queue. */
  private goOnWith(run: string, notice: Notice): Started {
    const worker = this.parts.worker();
    worker.adopt(run);
    worker.attend(run, notice);
    return { ok: true, run, existing: true };
  }

  /** A run that can be created, with the machine that made its first event. */
  private async draft(
    wanted: Wanted,
  ): Promise<{ readonly ok: true; readonly run: NewRun; readonly fresh: FreshRun } | Refusal> {
    const { clock, programs, newId } = this.parts;
    const { plan, setting, input, trigger, idempotencyKey } = wanted;
    const prepared = await programs.prepare(plan, setting);
    if (!prepared.ok) return prepared;
    const { config, program } = prepared;
    const run = newId();
    const { hash: planHash } = plan;
    const created: RunCreated = {
      kind: "run.created",
      run,
      planHash,
      ...setting,
      input,
      config,
      trigger,
      continuation: 0,
      ...limitsOf(plan),
    };
    const machine = openRun(program.code);
    const atMs = clock.now();
    const events = [machine.record(created, atMs)];
    const { priority, slots } = machine.admission();
    const newRun: NewRun = {
      run,
      planHash,
      flow: setting.flow,
      idempotencyKey,
      priority,
      wakeAtMs: null,
      events,
      ...(slots.length === 0 ? {} : { slots }),
      ...when("fairnessKey", wanted.fairnessKey),
      ...when("overlap", overlapOf(wanted.overlap, { slots, run, atMs })),
    };
    return { ok: true, run: newRun, fresh: { machine, program, created } };
  }
}

/** In what a run is another one than what was asked for. */
function difference(created: Wanted["setting"], setting: Wanted["setting"]): string {
  if (created.flow !== setting.flow) return `of ${created.flow}`;
  if (created.environment !== setting.environment)
    return created.environment === ""
      ? "without an environment"
      : `in the environment "${created.environment}"`;
  if (created.forkedFrom?.run === setting.forkedFrom?.run) return "with other input";
  return created.forkedFrom === undefined
    ? "that is no fork"
    : `that forks run ${created.forkedFrom.run}`;
}

/** Limits of its flows hold for all runs. */
export function limitsOf({ program }: Plan): Pick<RunCreated, "limits"> {
  const flows = Object.values(program.flows);
  const limited = flows.some(
    ({ rate, concurrency }) => rate !== undefined || concurrency !== undefined,
  );
  return limited ? { limits: "all" } : {};
}

/** States are read one run after the other whatever the overlap, so their slots don't count. */
function overlapOf(
  policy: StartOptions["overlap"],
  {
    slots,
    run,
    atMs,
  }: { readonly slots: readonly Slot[]; readonly run: string; readonly atMs: number },
): Overlap | undefined {
  const keys = slots.flatMap(({ key }) => (key.startsWith("state ") ? [] : [key]));
  if (policy === undefined || policy === "queue" || keys.length === 0) return undefined;
  if (policy === "skip") return { kind: "skip", keys };
  const reason = `a newer start replaces it: ${run}`;
  return { kind: "replace", keys, cancel: { id: `replace/${run}`, atMs, reason } };
}

/** A field that is left out when it has no value. */
function when<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}

function refuse(code: string, message: string): Refusal {
  return { ok: false, code, message };
}
