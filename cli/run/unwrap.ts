import type { Outcome } from "../../runner/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { UserMistake } from "../user-mistake.ts";

/** What the runner gave, or its refusal as a mistake of the user. `place` names the value that was given: `--input order.json`. */
export function unwrap<T>(outcome: Outcome<T>, place = ""): T {
  if (outcome.ok) return outcome;
  const { message, problems = [], code } = outcome;
  const { head, hints } = withoutRepeats(message, problems);
  throw new UserMistake(`${place === "" ? "" : `${place}: `}${head}`, {
    // A value that does not fit its type was typed so; everything else depends on what is in the store.
    exitCode: code === "invalid_input" ? exitCodes.usage : exitCodes.refused,
    code,
    hints,
    data: { problems },
  });
}

/** A refusal's message holds its problems too, for those who show nothing else: here each stands in the list alone. */
function withoutRepeats(
  message: string,
  problems: readonly { readonly path: string; readonly message: string }[],
): { readonly head: string; readonly hints: readonly string[] } {
  const hints = problems.map((problem) => `${problem.path} ${problem.message}`.trim());
  const places = problems.map((problem, at) => {
    const withColon = message.indexOf(`${problem.path}: ${problem.message}`);
    return withColon >= 0 ? withColon : message.indexOf(hints[at] ?? "");
  });
  if (places.length === 0 || places.some((place) => place < 0)) return { head: message, hints };
  if (places.length === 1) return { head: message, hints: [] };
  const head = message.slice(0, Math.min(...places)).replace(/[\s:;]+$/, "");
  return { head: head === "" ? `${problems.length} values do not fit` : head, hints };
}
