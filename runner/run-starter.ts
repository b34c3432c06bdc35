import { decodeValue } from "../plan/decode-value.ts";
import { compileExpression } from "../plan/evaluate/compile-expression.ts";
import { namesOf } from "../plan/evaluate/names.ts";
import type { Json } from "../plan/expression.ts";
import type { RunCreated } from "../plan/history.ts";
import type { FlowPlan, Plan, Program } from "../plan/plan.ts";
import { openRun } from "./engine/fold.ts";
import type { Outcome, Refusal, StartOptions } from "./api.ts";
import type { Clock } from "./ports/clock.ts";
import type { NewRun, RunHead, Store, StoredTask } from "./ports/store.ts";
import type { Programs } from "./programs.ts";
import type { Worker } from "./worker/worker.ts";
import type { WorkerHost } from "./worker/worker-host.ts";

export interface RunStarter {
  start(options: StartOptions): Promise<Outcome<{ run: string; existing: boolean }>>;
  /** Null when this process can go on with the run. */
  checkResume(head: RunHead): Promise<Refusal | null>;
  /** Null when the answer fits the question's form. */
  checkAnswer(task: StoredTask, value: Json): Refusal | null;
  nextRun: WorkerHost["nextRun"];
}

/** Creates runs: checks that they can begin, decodes their input, and gives them to the worker. */
export function createRunStarter(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly programs: Programs;
  readonly worker: () => Worker;
  readonly folder: string;
  readonly mocked: boolean;
}): RunStarter {
  const { store, clock, newId, programs } = parts;
  /** The newest plan that has each flow, for `continue`. */
  const newest = new Map<string, Plan>();

  async function start(options: StartOptions): Promise<Outcome<{ run: string; existing: boolean }>> {
    const { plan, flow: id } = options;
    const flow = plan.program.flows[id];
    if (flow === undefined) return refuse("not_found", `the program has no flow ${id}`);
    if (!flow.runnable) return refuse("invalid_input", `${id} can't be run by itself: its role parameters must be filled by the flow that calls it`);
    const input = decodeInput(plan.program, flow, options.input);
    if (!input.ok) return input;
    const environment = options.environment ?? "";
    const created: RunCreated = {
      kind: "run.created",
      run: newId(),
      planHash: plan.hash,
      flow: id,
      input: input.value,
      environment,
      config: {},
      trigger: options.trigger ?? null,
      continuation: 0,
      folder: parts.folder,
      ...(parts.mocked ? { mocked: true } : {}),
    };
    const prepared = await programs.prepare(plan, created);
    if (!prepared.ok) return prepared;
    newest.set(id, plan);
    await store.putPlan(plan);
    const machine = openRun(prepared.program.code);
    const event = machine.record({ ...created, config: prepared.config }, clock.now());
    const { priority } = machine.admission();
    const { idempotencyKey = null } = options;
    const run: NewRun = { run: created.run, planHash: plan.hash, flow: id, idempotencyKey, priority, wakeAtMs: null, events: [event] };
    const stored = await store.createRun(run);
    parts.worker().adopt(stored.run);
    if (!stored.existing) parts.worker().prepare(stored.run, { machine, program: prepared.program, created });
    parts.worker().attend(stored.run);
    return { ok: true, ...stored };
  }

  return {
    start,
    async checkResume(head) {
      const plan = await store.getPlan(head.planHash);
      const [created] = await store.events(head.run, { afterSeq: 0, limit: 1 });
      if (plan === null || created?.kind !== "run.created") return refuse("internal", `run ${head.run} has lost its plan`);
      const prepared = await programs.prepare(plan, created);
      return prepared.ok ? null : prepared;
    },
    checkAnswer(task, value) {
      const { $defs, ...root } = task.schema;
      const schemas = { ...(($defs ?? {}) as Program["schemas"]), "": root };
      const decoded = decodeValue(schemas, "", value);
      if (decoded.ok) return null;
      const words = decoded.problems.map((problem) => `${problem.path === "" ? "the answer" : problem.path} ${problem.message}`);
      return { ok: false, code: "invalid_input", message: words.join("; "), problems: decoded.problems };
    },
    async nextRun({ created, planHash, input, continuation, notBeforeMs, atMs }) {
      const pinned = await store.getPlan(planHash);
      const plan = newest.get(created.flow) ?? pinned;
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
      const event = { ...next, config: prepared.ok ? prepared.config : created.config, seq: 1, atMs };
      parts.worker().adopt(next.run);
      return { run: next.run, planHash: plan.hash, flow: next.flow, idempotencyKey: null, priority: 5, wakeAtMs: notBeforeMs, events: [event] };
    },
  };
}

type JsonRecord = { readonly [name: string]: Json };

/** Fills in defaults, which may read the parameters before them, and checks the record of all parameters. */
function decodeInput(
  program: Program,
  flow: FlowPlan,
  given: JsonRecord,
): { readonly ok: true; readonly value: JsonRecord } | Refusal {
  const values: Record<string, Json> = { ...given };
  for (const param of flow.params) {
    if (values[param.name] !== undefined || param.default === undefined) continue;
    values[param.name] = compileExpression(param.default, program.schemas)(namesOf(values));
  }
  const decoded = decodeValue(program.schemas, flow.input, values);
  if (decoded.ok) return { ok: true, value: decoded.value as JsonRecord };
  const words = decoded.problems.map((problem) => `${problem.path === "" ? "the input" : problem.path} ${problem.message}`);
  return { ok: false, code: "invalid_input", message: words.join("; "), problems: decoded.problems };
}

function refuse(code: string, message: string): Refusal {
  return { ok: false, code, message };
}
