import type { DeadLetter, DeadLetterHead, Runner } from "../../runner/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { letterPages } from "./letter-pages.ts";
import { UserMistake } from "../user-mistake.ts";

/** The dead letter that was meant: its id, or what it ends or begins with. */
export async function findLetter(runner: Runner, word: string): Promise<DeadLetter> {
  const exact = await runner.deadLetters.show(word);
  if (exact !== null) return exact;
  const meant: DeadLetterHead[] = [];
  for await (const page of letterPages(runner))
    meant.push(...page.filter(({ id }) => id.endsWith(word) || id.startsWith(word)));
  const [first] = meant;
  const only = meant.length === 1 ? await runner.deadLetters.show(first?.id ?? "") : null;
  if (only !== null) return only;
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
