import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { findLetter } from "../run/find-letter.ts";
import { unwrap } from "../run/unwrap.ts";
import { withRunner } from "../run/with-runner.ts";

export async function deadLettersDiscard(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const id = await withRunner(invocation, async ({ runner }) => {
    const letter = await findLetter(runner, args[0] ?? "");
    unwrap(
      await runner.deadLetters.discard(letter.id, options.text("reason") ?? "discarded by hand"),
    );
    return letter.id;
  });
  if (options.on("json")) terminal.out(`${JSON.stringify({ id, status: "discarded" }, null, 2)}\n`);
  else terminal.err(`${id} discarded\n`);
  return exitCodes.ok;
}
