import type { Json } from "../plan/expression.ts";
import type { RunCreated } from "../plan/history.ts";
import type { Plan } from "../plan/plan.ts";
import type { Refusal } from "./api.ts";
import { checkStart } from "./check-start.ts";
import { resolveConfig } from "./config-values.ts";
import { compileProgram } from "./engine/compile-program.ts";
import type { EngineProgram } from "./engine/code.ts";
import type { ModelProvider } from "./ports/model.ts";
import type { Store } from "./ports/store.ts";
import { reachableFrom } from "./reachable.ts";
import { createActivityRunner } from "./steps/run-activity.ts";
import type { StepContext } from "./steps/step-context.ts";
import type { LoadedProgram } from "./worker/worker-host.ts";

export type Prepared =
  | { readonly ok: true; readonly program: LoadedProgram; readonly config: { readonly [name: string]: Json } }
  | Refusal;

/** Plans made ready for their runs: compiled, with their config resolved, once per plan, environment and folder. */
export interface Programs {
  prepare(plan: Plan, run: Pick<RunCreated, "flow" | "environment" | "folder" | "mocked">): Promise<Prepared>;
  compile(planHash: string): Promise<EngineProgram>;
  /** For a run in the store. @throws ProgramRefused when it can't go on in this process. */
  load(run: { readonly planHash: string; readonly created: RunCreated }): Promise<LoadedProgram>;
}

/** The run can't go on here, for a reason that its user can mend. */
export class ProgramRefused extends Error {
  override readonly name = "ProgramRefused";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export function createPrograms(
  parts: Pick<StepContext, "clock" | "files" | "http" | "modules"> & {
    readonly store: Store;
    readonly realModels: ModelProvider;
    readonly mockModels: ModelProvider;
    readonly variables: { readonly [name: string]: string | undefined };
    readonly folder: string;
  },
): Programs {
  const prepared = new Map<string, Prepared>();
  const compiled = new Map<string, EngineProgram>();

  function codeOf(plan: Plan): EngineProgram {
    const code = compiled.get(plan.hash) ?? compileProgram(plan);
    compiled.set(plan.hash, code);
    return code;
  }

  async function storedPlan(planHash: string): Promise<Plan> {
    const plan = await parts.store.getPlan(planHash);
    if (plan === null) throw new Error(`the plan ${planHash} is not in the store`);
    return plan;
  }

  async function prepareNew(plan: Plan, run: Parameters<Programs["prepare"]>[1]): Promise<Prepared> {
    const { program } = plan;
    const { environment, folder = parts.folder, mocked = false } = run;
    const reachable = reachableFrom(program, run.flow, { mocked });
    const values = resolveConfig({ program, environment, variables: parts.variables, needed: reachable.config });
    if (values.problems.length > 0) {
      const list = values.problems.map((problem) => `${problem.path} ${problem.message}`).join("; ");
      return { ok: false, code: "AF7006", message: list, problems: values.problems };
    }
    const refused = await checkStart({ program, reachable, mocked, folder, modules: parts.modules });
    if (refused !== null) return refused;
    const runActivity = createActivityRunner({
      program,
      config: { ...values.open, ...values.secret },
      secrets: Object.values(values.secret).filter((value) => typeof value === "string"),
      folder,
      clock: parts.clock,
      files: parts.files,
      models: mocked ? parts.mockModels : parts.realModels,
      mocked,
      http: parts.http,
      modules: parts.modules,
      store: parts.store,
    });
    return { ok: true, program: { plan, code: codeOf(plan), runActivity }, config: values.open };
  }

  const prepare: Programs["prepare"] = async (plan, run) => {
    const { flow, environment, folder = parts.folder, mocked = false } = run;
    const key = JSON.stringify([plan.hash, flow, environment, folder, mocked]);
    const found = prepared.get(key);
    if (found !== undefined) return found;
    const made = await prepareNew(plan, run);
    // What was refused may be mended while the process lives: a file may appear.
    if (made.ok) prepared.set(key, made);
    return made;
  };

  return {
    prepare,
    compile: async (planHash) => compiled.get(planHash) ?? codeOf(await storedPlan(planHash)),
    async load({ planHash, created }) {
      const made = await prepare(await storedPlan(planHash), created);
      if (!made.ok) throw new ProgramRefused(made);
      return made.program;
    },
  };
}
