import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { isoTime } from "../run/report-run.ts";
import { unwrap } from "../run/unwrap.ts";
import { withOperator } from "../run/with-runner.ts";
import { backfillRange } from "../operations/backfill-range.ts";
import { findSchedule } from "../operations/find-schedule.ts";
import { formatZonedTime } from "../operations/zoned-time.ts";
import { now } from "../system-clock.ts";

export async function schedulesBackfill(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const dryRun = options.on("dry-run");
  const { id, zone, ticks, runs } = await withOperator(invocation, async (runner) => {
    const schedule = await findSchedule(runner, args[0] ?? "");
    const range = backfillRange({
      from: options.text("from"),
      to: options.text("to"),
      zone: schedule.zone,
      nowMs: now(),
    });
    const filled = await runner.operations.backfill({ schedule: schedule.id, ...range, dryRun });
    return { ...schedule, ...unwrap(filled) };
  });
  if (options.on("json")) {
    const document = { schedule: id, dryRun, ticks: ticks.map(isoTime), runs };
    terminal.out(`${JSON.stringify(document, null, 2)}\n`);
    return exitCodes.ok;
  }
  // A tick whose run somebody else has started meanwhile has none here.
  const shown = runs.length === ticks.length ? runs : [];
  for (const [index, atMs] of ticks.entries())
    terminal.out(`${`${formatZonedTime(atMs, zone)}  ${shown[index] ?? ""}`.trimEnd()}\n`);
  if (ticks.length === 0) terminal.err(`every tick of ${id} in that time has its run\n`);
  else if (dryRun) terminal.err(`${count(ticks.length)} would be started\n`);
  else
    terminal.err(
      `${count(runs.length)} started; \`agentflow up\`, workers or \`agentflow resume\` go on with what is queued\n`,
    );
  return exitCodes.ok;
}

function count(runs: number): string {
  return runs === 1 ? "1 run" : `${runs} runs`;
}
