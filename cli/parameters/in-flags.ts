import type { Problem } from "../../plan/problem.ts";
import type { Outcome } from "../../runner/index.ts";

/** A refusal of values that were given as flags, with the flags' names. */
export function inFlags<T>(outcome: Outcome<T>): Outcome<T> {
  if (outcome.ok || outcome.code !== "invalid_input" || outcome.problems === undefined)
    return outcome;
  const problems = outcome.problems.map(inFlag);
  const message = problems.map((problem) => `${problem.path} ${problem.message}`.trim()).join("; ");
  return { ...outcome, message, problems };
}

function inFlag({ path, message }: Problem): Problem {
  const name = /^lacks `(.*)`$/.exec(message)?.[1];
  if (name === undefined) return path === "" ? { path, message } : { path: `--${path}`, message };
  return { path: "", message: `--${path === "" ? "" : `${path}.`}${name} is missing` };
}
