import type { RunCreated } from "../plan/history.ts";
import type { Plan } from "../plan/plan.ts";
import type { Outcome, Refusal, StartOptions } from "./api.ts";
import { openRun } from "./engine/fold.ts";
import type { Clock } from "./ports/clock.ts";
import type { NewRun } from "./ports/new-run.ts";
import type { RunHead, Store } from "./ports/store.ts";
import type { Programs } from "./programs.ts";
import { decodeInput } from "./run-input.ts";
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
    const { plan, flow: id } = options;
    const flow = plan.program.flows[id];
    if (flow === undefined) return refuse("not_found", `the program has no flow ${id}`);
    if (!flow.runnable) {
      const why = "its role parameters must be filled by the flow that calls it";
      return refuse("invalid_input", `${id} can't be run by itself: ${why}`);
    }
    const input = decodeInput(plan.program, flow, options.input);
    return input.ok ? this.create(options, input.value) : input;
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
    const { created, planHash, input, continuation, notBeforeMs, atMs } = from;
    const { store, programs, newId, worker } = this.parts;
    const plan = this.newest.get(created.flow) ?? (await store.getPlan(planHash));
    if (plan === null) throw new Error(`the plan ${planHash} is not in the store`);
    const next: RunCreated = {
      ...created,
      run: newId(),
      planHash: plan.hash,
      input,
      trigger: { continues: created.run },
      continuation,
      ...(notBeforeMs === null ? {} : { notBeforeMs }),
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

  private async create(options: StartOptions, input: RunCreated["input"]): Promise<Started> {
    const { store, clock, programs, newId, folder, mocked } = this.parts;
    const { plan, flow, environment = "", trigger = null, idempotencyKey = null } = options;
    const setting = { flow, environment, folder, ...(mocked ? { mocked } : {}) };
    const prepared = await programs.prepare(plan, setting);
    if (!prepared.ok) return prepared;
    const { config, program } = prepared;
    const run = newId();
    const created: RunCreated = {
      kind: "run.created",
      run,
      planHash: plan.hash,
      ...setting,
      input,
      config,
      trigger,
      continuation: 0,
    };
    this.newest.set(flow, plan);
    await store.putPlan(plan);
    const machine = openRun(program.code);
    const events = [machine.record(created, clock.now())];
    const { priority } = machine.admission();
    const stored = await store.createRun({
      run,
      planHash: plan.hash,
      flow,
      idempotencyKey,
      priority,
      wakeAtMs: null,
      events,
    });
    const worker = this.parts.worker();
    worker.adopt(stored.run);
    if (!stored.existing) worker.prepare(stored.run, { machine, program, created });
    worker.attend(stored.run);
    return { ok: true, ...stored };
  }
}

function refuse(code: string, message: string): Refusal {
  return { ok: false, code, message };
}
