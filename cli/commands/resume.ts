import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRun } from "../run/find-run.ts";
import { followAndReport } from "../run/follow-and-report.ts";
import { exitCodeOf, followRun } from "../run/follow-run.ts";
import { runDocument } from "../run/report-run.ts";
import { refuseMock } from "../run/refuse-mock.ts";
import { resumeSleepers } from "../run/resume-sleepers.ts";
import { unwrap } from "../run/unwrap.ts";
import { withRunner } from "../run/with-runner.ts";
import type { Session } from "../run/with-runner.ts";

export async function resume(invocation: Invocation): Promise<number> {
  const [word] = invocation.args;
  return await withRunner(invocation, async (session) => {
    if (word === undefined) return await resumeAll(session, invocation);
    const id = await findRun(session.runner, word);
    await refuseMock(id, session.runner, invocation.options);
    unwrap(await session.runner.resume(id));
    return await followAndReport(id, session, invocation);
  });
}

/** One after the other on the terminal; all of them run at the same time. */
async function resumeAll(session: Session, { terminal, options }: Invocation): Promise<number> {
  const { runner } = session;
  const done = new Set<string>();
  let worst: number = exitCodes.ok;
  const runs: object[] = [];
  let isLeft = false;
  // Runs that queue behind one another can go on only when those before them have ended.
  for (let ids = await resumable(session, done); ids.length > 0 && !isLeft;) {
    for (const id of ids) {
      done.add(id);
      const followed = await followRun(id, session);
      worst = Math.max(worst, exitCodeOf(followed));
      if (options.on("json")) runs.push(runDocument(followed.run, await runner.tasks(id)));
      else terminal.out(`${id} ${followed.run.flow} ${followed.run.status}\n`);
      isLeft = followed.interrupts > 0;
      if (isLeft) break;
    }
    if (!isLeft) ids = await resumable(session, done);
  }
  if (done.size === 0 && !options.on("json")) terminal.err("no run was interrupted\n");
  if (options.on("json")) terminal.out(`${JSON.stringify({ runs }, null, 2)}\n`);
  return worst;
}

async function resumable(session: Session, done: ReadonlySet<string>): Promise<readonly string[]> {
  const found = [
    ...(await session.runner.recover()),
    ...(await resumeSleepers(session.runner, done)),
  ];
  return [...new Set(found)].filter((id) => !done.has(id));
}
