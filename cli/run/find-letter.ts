import type { DeadLetter, Runner } from "../../runner/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { UserMistake } from "../user-mistake.ts";

/** The dead letter that was meant: its id, or what it ends or begins with. */
export async function findLetter(runner: Runner, word: string): Promise<DeadLetter> {
  const exact = await runner.deadLetters.show(word);
  if (exact !== null) return exact;
  const meant = (await runner.deadLetters.list()).filter(
    ({ id }) => id.endsWith(word) || id.startsWith(word),
  );
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  throw new UserMistake(
    meant.length === 0
      ? `there is no dead letter \`${word}\``
      : `${meant.length} dead letters are meant by \`${word}\``,
    {
      exitCode: exitCodes.refused,
      code: "not_found",
      hints:
        meant.length === 0
          ? ["agentflow dead-letters list shows them"]
          : meant.slice(0, 5).map(({ id, queue }) => `${id} ${queue}`),
    },
  );
}
