import type { RunSummary, Runner } from "../../runner/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { UserMistake } from "../user-mistake.ts";

/** How far back the end of an id is looked for. */
const searched = 1_000;

/** The id of the run that was meant: the whole id, `last`, or what an id ends or begins with. */
export async function findRun(runner: Runner, word: string): Promise<string> {
  if (word === "last") {
    const [newest] = await runner.list({ limit: 1 });
    if (newest === undefined)
      throw new UserMistake("there is no run yet", {
        exitCode: exitCodes.refused,
        code: "not_found",
      });
    return newest.id;
  }
  if ((await runner.show(word)) !== null) return word;
  const typed = word.toLowerCase();
  const runs = await runner.list({ limit: searched });
  const meant = runs.filter(({ id }) => id.endsWith(typed) || id.startsWith(typed));
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only.id;
  throw noSuchRun(word, meant);
}

function noSuchRun(word: string, meant: readonly RunSummary[]): UserMistake {
  if (meant.length === 0) {
    return new UserMistake(`there is no run \`${word}\` in this store`, {
      exitCode: exitCodes.refused,
      code: "not_found",
      hints: ["agentflow runs list shows the runs; --store names another store"],
    });
  }
  return new UserMistake(`${meant.length} runs are meant by \`${word}\``, {
    hints: meant.slice(0, 5).map(({ id, flow, status }) => `${id} ${flow} ${status}`),
  });
}
