import type { Json } from "../plan/expression.ts";
import type { RunCreated } from "../plan/history.ts";
import type { Plan, Program } from "../plan/plan.ts";
import type { Refusal } from "./api.ts";
import { checkStart } from "./check-start.ts";
import { resolveConfig, type ConfigValues } from "./config-values.ts";
import { compileProgram } from "./engine/compile-program.ts";
import type { EngineProgram } from "./engine/code.ts";
import type { ModelProvider } from "./ports/model.ts";
import type { Store } from "./ports/store.ts";
import { reachableFrom } from "./reachable.ts";
import { createActivityRunner, type RunActivity } from "./steps/run-activity.ts";
import type { StepContext } from "./steps/step-context.ts";
import { CannotRunHere } from "./worker/let-go.ts";
import type { LoadedProgram } from "./worker/worker-host.ts";

export type Prepared =
  | {
      readonly ok: true;
      readonly program: LoadedProgram;
      readonly config: { readonly [name: string]: Json };
    }
  | Refusal;

/** The run can't go on here, for a reason that its user can mend. */
export class ProgramRefused extends CannotRunHere {
  override readonly name = "ProgramRefused";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export type ProgramParts = Pick<
  StepContext,
  "clock" | "files" | "http" | "modules" | "maxValueBytes" | "passEmbedding"
> & {
  readonly store: Store;
  readonly realModels: ModelProvider;
  readonly mockModels: ModelProvider;
  readonly variables: { readonly [name: string]: string | undefined };
  readonly folder: string;
};

type Setting = Pick<RunCreated, "flow" | "environment" | "folder" | "mocked">;

/** Plans made ready for their runs: compiled, with their config resolved, once per plan, environment and folder. */
export class Programs {
  private readonly parts: ProgramParts;
  private readonly prepared = new Map<string, Prepared>();
  private readonly plans = new Map<string, Plan>();
  private readonly underWay = new Map<string, Promise<unknown>>();
  private readonly compiled = new Map<string, EngineProgram>();

  constructor(parts: ProgramParts) {
    this.parts = parts;
  }

  async prepare(plan: Plan, setting: Setting): Promise<Prepared> {
    const { flow, environment, folder = this.parts.folder, mocked = false } = setting;
    const key = JSON.stringify([plan.hash, flow, environment, folder, mocked]);
    const found = this.prepared.get(key);
    if (found !== undefined) return found;
    return this.once(key, async () => {
      const made = await this.prepareNew(plan, { flow, environment, folder, mocked });
      // What was refused may be mended while the process lives: a file may appear.
      if (made.ok) this.prepared.set(key, made);
      return made;
    });
  }

  /** For a run in the store. @throws ProgramRefused when it can't go on in this process. */
  async load(run: {
    readonly planHash: string;
    readonly created: RunCreated;
  }): Promise<LoadedProgram> {
    const made = await this.prepare(await this.storedPlan(run.planHash), run.created);
    if (!made.ok) throw new ProgramRefused(made);
    return made.program;
  }

  async compile(planHash: string): Promise<EngineProgram> {
    return this.compiled.get(planHash) ?? this.codeOf(await this.storedPlan(planHash));
  }

  private async prepareNew(plan: Plan, setting: Required<Setting>): Promise<Prepared> {
    const { program } = plan;
    const { flow, environment, folder, mocked } = setting;
    const { variables, modules } = this.parts;
    const reachable = reachableFrom(program, flow, { mocked });
    const needed = reachable.config;
    const values = resolveConfig({ program, environment, variables, needed });
    if (values.problems.length > 0) return configRefused(values);
    const refused = await checkStart({ program, reachable, mocked, folder, modules });
    if (refused !== null) return refused;
    const runActivity = this.activityRunner(program, values, setting);
    return {
      ok: true,
      program: { plan, code: this.codeOf(plan), runActivity },
      config: values.open,
    };
  }

  private activityRunner(
    program: Program,
    values: ConfigValues,
    setting: Required<Setting>,
  ): RunActivity {
    const { folder, mocked } = setting;
    const { clock, files, http, modules, store, mockModels, realModels } = this.parts;
    const { maxValueBytes, passEmbedding } = this.parts;
    return createActivityRunner({
      program,
      config: { ...values.open, ...values.secret },
      secrets: Object.values(values.secret).filter((value) => typeof value === "string"),
      folder,
      clock,
      files,
      models: mocked ? mockModels : realModels,
      mocked,
      http,
      modules,
      maxValueBytes,
      passEmbedding,
      store,
    });
  }

  private codeOf(plan: Plan): EngineProgram {
    const code = this.compiled.get(plan.hash) ?? compileProgram(plan);
    this.compiled.set(plan.hash, code);
    return code;
  }

  private async storedPlan(planHash: string): Promise<Plan> {
    return (
      this.plans.get(planHash) ??
      this.once(planHash, async () => {
        const plan = await this.parts.store.getPlan(planHash);
        if (plan === null) throw new Error(`the plan ${planHash} is not in the store`);
        this.plans.set(planHash, plan);
        return plan;
      })
    );
  }

  /** A thousand runs that wake together want the same at the same time. */
  private once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.underWay.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const made = make().finally(() => this.underWay.delete(key));
    this.underWay.set(key, made);
    return made;
  }
}

function configRefused({ problems }: ConfigValues): Refusal {
  const message = problems.map((problem) => `${problem.path} ${problem.message}`).join("; ");
  return {
    ok: false,
    code: "AF7006",
    message: `the run can't start here: ${message}`,
    problems,
  };
}
