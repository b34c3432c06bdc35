import { didYouMean } from "../../base/did-you-mean.ts";
import type { Plan } from "../../plan/plan.ts";
import { UserMistake } from "../user-mistake.ts";

/** Throws `UserMistake` when the program has no `config <name> { … }` of the name that `--env` gives. */
export function checkEnvironment({ program }: Plan, wanted: string | undefined): void {
  const names = Object.keys(program.environments);
  if (wanted === undefined || names.includes(wanted)) return;
  const [meant] = didYouMean(wanted, names);
  const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
  throw new UserMistake(`the program has no \`config ${wanted} { … }\``, {
    hints: [meant === undefined ? known : `did you mean --env ${meant}?`],
  });
}
