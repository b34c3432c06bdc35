import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { findLetter } from "../run/find-letter.ts";
import { withReader } from "../run/with-runner.ts";
import { letterDocument } from "./dead-letters-list.ts";

export async function deadLettersShow(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const letter = await withReader(
    invocation,
    undefined,
    async (runner) => await findLetter(runner, args[0] ?? ""),
  );
  if (options.on("json")) {
    terminal.out(`${JSON.stringify(letterDocument(letter), null, 2)}\n`);
    return exitCodes.ok;
  }
  const { bold, dim, red } = terminal.outColors;
  const lines = [
    `${bold(letter.queue)} ${letter.status}`,
    `${dim("id    ")} ${letter.id}`,
    `${dim("run   ")} ${letter.run} (${letter.flow})`,
    `${dim("place ")} ${letter.path ?? "the whole run"}`,
    `${dim("at    ")} ${new Date(letter.atMs).toISOString()}`,
    `${dim("input ")} ${JSON.stringify(letter.input, null, 2).split("\n").join("\n       ")}`,
    ...letter.errors.map(
      (error) =>
        `${dim("error ")} ${red(`${error.code}: ${error.message}`)}${error.step === null ? "" : ` at ${error.step}`}, attempt ${error.attempts}`,
    ),
  ];
  terminal.out(`${lines.join("\n")}\n`);
  return exitCodes.ok;
}
