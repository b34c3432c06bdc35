import type { RunEvent } from "../../plan/history.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { cutToWidth } from "../live/display-width.ts";
import { findRun } from "../run/find-run.ts";
import { withReader } from "../run/with-runner.ts";
import type { Colors } from "../terminal.ts";

/** Events read and printed at once: a history may be larger than memory. */
const eventsPerPage = 1_000;

export async function runsEvents(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const width = terminal.outColumns() ?? Number.POSITIVE_INFINITY;
  const lineOf = options.on("json")
    ? (event: RunEvent) => `${JSON.stringify(event)}\n`
    : (event: RunEvent) => `${cutToWidth(eventLine(event, terminal.outColors), width)}\n`;
  await withReader(invocation, undefined, async (runner) => {
    const run = await findRun(runner, args[0] ?? "");
    let afterSeq = options.whole("after") ?? 0;
    for (;;) {
      const events = await runner.events(run, afterSeq, eventsPerPage);
      terminal.out(events.map(lineOf).join(""));
      if (events.length < eventsPerPage) return;
      afterSeq = events.at(-1)?.seq ?? afterSeq;
    }
  });
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
