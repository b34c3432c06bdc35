import type { Runner } from "../../runner/index.ts";
import { unwrap } from "./unwrap.ts";

/** Taken up in one go; the others when these have ended or wait. */
const maxSleepers = 10_000;
const runsPerPage = 500;

/** Resumes runs that a timer moves: nobody has to do anything for them, so they were interrupted too. Gives their ids. */
export async function resumeSleepers(
  runner: Pick<Runner, "list" | "tasks" | "resume">,
  done: ReadonlySet<string>,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let before: string | undefined; ids.length < maxSleepers;) {
    const page = await runner.list({
      status: ["waiting"],
      limit: runsPerPage,
      ...(before === undefined ? {} : { before }),
    });
    for (const { id, wakesAtMs } of page) {
      if (wakesAtMs === null || done.has(id)) continue;
      if ((await runner.tasks(id, { limit: 1 })).length > 0) continue;
      unwrap(await runner.resume(id));
      ids.push(id);
    }
    if (page.length < runsPerPage) break;
    before = page.at(-1)?.id;
  }
  return ids;
}
