import type { Program } from "../plan/plan.ts";
import type { Refusal } from "./api.ts";
import { checkProvider } from "./models/model-registry.ts";
import type { ModulePort } from "./ports/tool.ts";
import type { Reachable } from "./reachable.ts";
import { modulePath } from "./steps/tool-step.ts";

/** Why a run can't begin here although its program is right: models, tools and modules that this process can't reach. */
export async function checkStart(options: {
  readonly program: Program;
  readonly reachable: Reachable;
  readonly mocked: boolean;
  readonly folder: string;
  readonly modules: ModulePort;
}): Promise<Refusal | null> {
  const { program, reachable, modules, folder } = options;
  const problems: { readonly path: string; readonly message: string }[] = [];
  if (!options.mocked) {
    for (const name of reachable.agents) {
      const message = checkModel(program, program.agents[name]?.model ?? "");
      if (message !== null) problems.push({ path: `agent ${name}`, message });
    }
  }
  for (const name of reachable.tools) {
    const reach = program.tools[name]?.reach;
    if (reach?.kind === "mcp") {
      problems.push({
        path: `tool ${name}`,
        message: "is reached by MCP, which this version can't call; use http or module",
      });
    } else if (reach?.kind === "module") {
      const message = await modules.check({
        module: modulePath(reach.module, folder),
        function: reach.function,
      });
      if (message !== null) problems.push({ path: `tool ${name}`, message });
    }
  }
  if (problems.length === 0) return null;
  const list = problems.map((problem) => `${problem.path}: ${problem.message}`).join("; ");
  return { ok: false, code: "unavailable", message: `the run can't start here: ${list}`, problems };
}

/** A model is as good as the best of it and its back-ups. */
function checkModel(program: Program, name: string): string | null {
  const plan = program.models[name];
  if (plan === undefined) return null;
  const own = checkProvider(plan.provider);
  const backups = plan.backups.map((backup) => program.models[backup]?.provider ?? "");
  return own === null || backups.some((provider) => checkProvider(provider) === null) ? null : own;
}
