import { dirname, relative, resolve } from "node:path";

import type { Plan } from "../../plan/plan.ts";
import { openRunner } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { checkEnvironment } from "../project/check-environment.ts";
import { findPrograms } from "../project/find-programs.ts";
import { loadPlan } from "../project/load-plan.ts";
import type { Obstacle } from "../settings/read-settings.ts";
import { UserMistake } from "../user-mistake.ts";

/** A program whose triggers are served. */
export interface Served {
  /** Its path from the current folder: the name under which it is deployed. */
  readonly program: string;
  readonly plan: Plan;
  /** Where the paths of its modules start; absolute. */
  readonly folder: string;
}

export interface ServedProblem extends Obstacle {
  /** For people. */
  readonly text: string;
}

/** Compiles the programs and tries them out on a store in memory: values and secrets that they lack are found before anything starts. */
export async function loadServed(
  words: readonly string[],
  context: { readonly invocation: Invocation; readonly environmentName: string | null },
): Promise<{ readonly programs: readonly Served[]; readonly problems: readonly ServedProblem[] }> {
  const { environment, terminal } = context.invocation;
  const programs: Served[] = [];
  const problems: ServedProblem[] = [];
  const fail = (program: string, error: unknown): void => {
    if (!(error instanceof UserMistake)) throw error;
    const message = error.message.includes(program)
      ? error.message
      : `${program} can't be served: ${error.message}`;
    const hints = error.hints.map((hint) => `  ${hint}\n`).join("");
    const text = `${error.before}${terminal.errColors.red("error")}: ${message}\n${hints}`;
    problems.push({ origin: program, message, hint: null, text });
  };
  for (const word of words) {
    try {
      for (const file of findPrograms([word], environment.folder)) {
        try {
          const { plan } = await loadPlan({ file, environment, terminal });
          // One that knows no environments at all is the same in each.
          if (Object.keys(plan.program.environments).length > 0)
            checkEnvironment(plan, context.environmentName ?? undefined);
          const folder = dirname(resolve(environment.folder, file));
          programs.push({
            program: relative(environment.folder, resolve(environment.folder, file)),
            plan,
            folder,
          });
        } catch (error) {
          fail(file, error);
        }
      }
    } catch (error) {
      fail(word, error);
    }
  }
  problems.push(...(await tryOut(programs, context)));
  return { programs, problems };
}

async function tryOut(
  programs: readonly Served[],
  { invocation, environmentName }: Parameters<typeof loadServed>[1],
): Promise<readonly ServedProblem[]> {
  if (programs.length === 0) return [];
  const { environment, terminal, options } = invocation;
  const { folder, variables } = environment;
  const mocks = options.on("mock") ? { models: { kind: "mock" as const } } : {};
  const runner = await openRunner({ store: null, variables, folder, work: "none", ...mocks });
  try {
    const problems: ServedProblem[] = [];
    for (const { program, plan, folder: home } of programs) {
      const named = environmentName === null ? {} : { environment: environmentName };
      const tried = await runner.operations.deploy({ program, plan, folder: home, ...named });
      if (tried.ok) continue;
      const message = `${program} can't be served: ${tried.message}`;
      problems.push({
        origin: program,
        message,
        hint: null,
        text: `${terminal.errColors.red("error")}: ${message}\n`,
      });
    }
    return problems;
  } finally {
    await runner.close({ graceMs: 0 });
  }
}
