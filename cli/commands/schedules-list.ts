import type { ScheduleView } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { isoTime } from "../run/report-run.ts";
import { table } from "../run/table.ts";
import { withReader } from "../run/with-runner.ts";
import { scheduleName } from "../operations/find-schedule.ts";
import { formatZonedTime } from "../operations/zoned-time.ts";

export async function schedulesList(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const all = await withReader(invocation, [], ({ operations }) => operations.schedules());
  if (options.on("json"))
    terminal.out(`${JSON.stringify({ schedules: all.map(scheduleDocument) }, null, 2)}\n`);
  else if (options.on("ids"))
    terminal.out(all.map((schedule) => `${scheduleName(schedule, all)}\n`).join(""));
  else if (all.length === 0) terminal.err("no schedule is deployed\n");
  else {
    const { dim, yellow } = terminal.outColors;
    const head = ["flow", "cron", "zone", "next tick", "program"].map(dim);
    const rows = all.map(({ flow, expression, zone, program, paused, nextTickAtMs }) => [
      flow,
      expression,
      zone,
      paused
        ? yellow("paused")
        : nextTickAtMs === null
          ? "never"
          : formatZonedTime(nextTickAtMs, zone),
      program,
    ]);
    terminal.out(table([head, ...rows], terminal.outColumns()));
  }
  return exitCodes.ok;
}

function scheduleDocument({ id, nextTickAtMs, ...schedule }: ScheduleView): object {
  return { schedule: id, ...schedule, nextTickAt: isoTime(nextTickAtMs) };
}
