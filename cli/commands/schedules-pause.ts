import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { unwrap } from "../run/unwrap.ts";
import { withOperator } from "../run/with-runner.ts";
import { findSchedule } from "../operations/find-schedule.ts";

export async function schedulesPause(invocation: Invocation): Promise<number> {
  return await setPaused(invocation, true);
}

export async function schedulesResume(invocation: Invocation): Promise<number> {
  return await setPaused(invocation, false);
}

async function setPaused(invocation: Invocation, paused: boolean): Promise<number> {
  const { args, options, terminal } = invocation;
  const { id, was } = await withOperator(invocation, async (runner) => {
    const schedule = await findSchedule(runner, args[0] ?? "");
    const { operations } = runner;
    const { id: found } = schedule;
    unwrap(await (paused ? operations.pauseSchedule(found) : operations.resumeSchedule(found)));
    return { id: found, was: schedule.paused };
  });
  if (options.on("json")) terminal.out(`${JSON.stringify({ schedule: id, paused }, null, 2)}\n`);
  else if (paused) terminal.err(`${id} ${was ? "was paused already" : "is paused"}\n`);
  else
    terminal.err(
      was
        ? `${id} goes on; \`agentflow schedules backfill\` makes up for ticks of the pause\n`
        : `${id} was not paused\n`,
    );
  return exitCodes.ok;
}
