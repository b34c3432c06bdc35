import type { RunEvent } from "../../plan/history.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { cutToWidth } from "../live/display-width.ts";
import { findRun } from "../run/find-run.ts";
import { withReader } from "../run/with-runner.ts";
import type { Colors } from "../terminal.ts";

export async function runsEvents(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const events = await withReader(invocation, undefined, async (runner) => {
    return await runner.events(await findRun(runner, args[0] ?? ""), options.whole("after") ?? 0);
  });
  if (options.on("json"))
    terminal.out(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  else {
    const width = terminal.outColumns() ?? Number.POSITIVE_INFINITY;
    terminal.out(
      events
        .map((event) => `${cutToWidth(eventLine(event, terminal.outColors), width)}\n`)
        .join(""),
    );
  }
  return exitCodes.ok;
}

/** `  12  10:04:31.120  activity.succeeded  team.plan@1  {"attempt":1,…}`. */
function eventLine({ seq, atMs, kind, ...rest }: RunEvent, { bold, dim }: Colors): string {
  const { path, ...facts } = rest as { readonly path?: string };
  const time = new Date(atMs).toISOString().slice(11, 23);
  return [
    dim(String(seq).padStart(4)),
    dim(time),
    kind.padEnd(20),
    ...(path === undefined ? [] : [bold(path)]),
    dim(JSON.stringify(facts)),
  ].join("  ");
}
