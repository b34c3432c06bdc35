import type { TickView } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { isoTime } from "../run/report-run.ts";
import { table } from "../run/table.ts";
import { withReader } from "../run/with-runner.ts";
import { findSchedule } from "../operations/find-schedule.ts";
import { formatZonedTime } from "../operations/zoned-time.ts";

const defaultLimit = 20;

export async function schedulesTicks(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const limit = options.whole("limit") ?? defaultLimit;
  const { schedule, ticks } = await withReader(invocation, undefined, async (runner) => {
    const found = await findSchedule(runner, args[0] ?? "");
    return { schedule: found, ticks: await runner.operations.ticks(found.id, { limit }) };
  });
  if (options.on("json")) {
    const document = { schedule: schedule.id, ticks: ticks.map(tickDocument) };
    terminal.out(`${JSON.stringify(document, null, 2)}\n`);
  } else if (ticks.length === 0) terminal.err(`${schedule.id} has not ticked yet\n`);
  else {
    const { dim, green, yellow } = terminal.outColors;
    const head = ["tick", "outcome", "run"].map(dim);
    const rows = ticks.map(({ atMs, outcome, reason, run }) => [
      formatZonedTime(atMs, schedule.zone),
      outcome === "started" ? green(outcome) : yellow(`skipped: ${reason ?? ""}`),
      run ?? "",
    ]);
    terminal.out(table([head, ...rows], terminal.outColumns()));
  }
  return exitCodes.ok;
}

function tickDocument({ atMs, ...tick }: TickView): object {
  return { at: isoTime(atMs), ...tick };
}
