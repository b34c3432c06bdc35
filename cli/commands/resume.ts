import type { Runner } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Progress } from "../live/progress.ts";
import { findRun } from "../run/find-run.ts";
import { followAndReport } from "../run/follow-and-report.ts";
import { exitCodeOf, followRun } from "../run/follow-run.ts";
import { runDocument } from "../run/report-run.ts";
import { unwrap } from "../run/unwrap.ts";
import { withRunner } from "../run/with-runner.ts";

export async function resume(invocation: Invocation): Promise<number> {
  const [word] = invocation.args;
  return await withRunner(invocation, async (runner, progress) => {
    if (word === undefined) return await resumeAll(runner, progress, invocation);
    const id = await findRun(runner, word);
    unwrap(await runner.resume(id));
    return await followAndReport(id, { runner, progress, invocation });
  });
}

/** One after the other on the terminal; all of them run at the same time. */
async function resumeAll(runner: Runner, progress: Progress, { terminal, options }: Invocation): Promise<number> {
  const ids = await runner.recover();
  if (ids.length === 0 && !options.on("json")) terminal.err("no run was interrupted\n");
  let worst: number = exitCodes.ok;
  const runs: object[] = [];
  for (const id of ids) {
    const followed = await followRun(runner, id, progress);
    worst = Math.max(worst, exitCodeOf(followed));
    runs.push(runDocument(followed.run, await runner.tasks(id)));
    if (!options.on("json")) terminal.out(`${id} ${followed.run.flow} ${followed.run.status}\n`);
    if (followed.interrupts > 0) break;
  }
  if (options.on("json")) terminal.out(`${JSON.stringify({ runs }, null, 2)}\n`);
  return worst;
}
