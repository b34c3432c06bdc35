import { didYouMean } from "../../base/did-you-mean.ts";
import type { Plan } from "../../plan/plan.ts";
import { stepsOfFlow } from "../../plan/walk-plan.ts";
import { UserMistake } from "../user-mistake.ts";

/** Refuses `--answer step=value` for a step that the program does not have, before anything runs. */
export function checkAnswers(plan: Plan, answers: readonly string[]): void {
  const names = answerableNames(plan);
  for (const answer of answers) {
    const [key = ""] = answer.split("=");
    if ([...names].some((name) => key === name || key.startsWith(`${name}.`))) continue;
    const [meant] = didYouMean(key.split(".")[0] ?? key, names);
    throw new UserMistake(
      `--answer names \`${key}\`, but no step or agent of the program is called so`,
      {
        hints:
          meant === undefined
            ? ["a step is named by its path, the end of its path, or its agent"]
            : [`did you mean ${meant}?`],
      },
    );
  }
}

/** Paths of steps, their last names, and agents. */
function answerableNames({ program }: Plan): ReadonlySet<string> {
  const names = new Set(Object.keys(program.agents));
  for (const flow of Object.values(program.flows)) {
    for (const { path } of stepsOfFlow(flow)) {
      names.add(path.replaceAll(/\[\]|#/g, ""));
      names.add(
        path
          .split(".")
          .at(-1)
          ?.replaceAll(/\[\]|#/g, "") ?? path,
      );
    }
  }
  return names;
}
