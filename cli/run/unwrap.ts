import type { Outcome } from "../../runner/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { UserMistake } from "../user-mistake.ts";

/** What the runner gave, or its refusal as a mistake of the user. */
export function unwrap<T>(outcome: Outcome<T>, place = ""): T {
  if (outcome.ok) return outcome;
  const problems = outcome.problems ?? [];
  throw new UserMistake(`${place === "" ? "" : `${place}: `}${outcome.message}`, {
    exitCode: exitCodes.refused,
    code: outcome.code,
    hints: problems.map(({ path, message }) => `${path} ${message}`.trim()),
    data: { problems },
  });
}
