import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { isoTime } from "../run/report-run.ts";
import { table } from "../run/table.ts";
import { withReader } from "../run/with-runner.ts";

export async function holds(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const all = await withReader(invocation, [], ({ operations }) => operations.holds());
  if (options.on("json")) {
    const documents = all.map(({ atMs, ...entry }) => ({ ...entry, since: isoTime(atMs) }));
    terminal.out(`${JSON.stringify({ holds: documents }, null, 2)}\n`);
  } else if (all.length === 0) terminal.err("nothing is held\n");
  else {
    const head = ["flow", "since", "reason"].map(terminal.outColors.dim);
    const rows = all.map(({ flow, atMs, reason }) => [
      flow ?? "all flows",
      new Date(atMs).toISOString().slice(0, 16).replace("T", " "),
      reason.replace(/\s+/g, " "),
    ]);
    terminal.out(table([head, ...rows], terminal.outColumns()));
  }
  return exitCodes.ok;
}
