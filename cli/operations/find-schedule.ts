import { didYouMean } from "../../base/did-you-mean.ts";
import type { OperatedRunner, ScheduleView } from "../../runner/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { UserMistake } from "../user-mistake.ts";

/** The shortest word that means one schedule alone. */
export function scheduleName(
  { id, flow, program }: ScheduleView,
  all: readonly ScheduleView[],
): string {
  const isUnique = (name: string, of: (schedule: ScheduleView) => string): boolean =>
    all.filter((schedule) => of(schedule) === name).length === 1;
  if (isUnique(flow, (schedule) => schedule.flow)) return flow;
  const path = `${program}/${flow}`;
  return isUnique(path, (schedule) => `${schedule.program}/${schedule.flow}`) ? path : id;
}

/** The schedule that was meant: its id, the beginning of it, its flow, or its program if that has one schedule. */
export async function findSchedule(runner: OperatedRunner, word: string): Promise<ScheduleView> {
  const all = await runner.operations.schedules();
  const meant =
    [
      all.filter(({ id }) => id === word),
      all.filter(({ flow, program }) => [flow, program, `${program}/${flow}`].includes(word)),
      all.filter(({ id }) => id.startsWith(word)),
    ].find((found) => found.length > 0) ?? [];
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  if (meant.length > 1)
    throw new UserMistake(`${meant.length} schedules are meant by \`${word}\``, {
      hints: meant.slice(0, 10).map(({ id }) => `"${id}"`),
    });
  const [near] = didYouMean(word, [...new Set(all.flatMap(({ id, flow }) => [flow, id]))]);
  const known =
    all.length === 0
      ? "no schedule is deployed: agentflow deploy <file> does that"
      : "agentflow schedules list shows them";
  throw new UserMistake(`there is no schedule \`${word}\``, {
    exitCode: exitCodes.refused,
    code: "not_found",
    hints: [near === undefined ? known : `did you mean "${near}"?`],
  });
}
