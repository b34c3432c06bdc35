import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRun } from "../run/find-run.ts";
import { unwrap } from "../run/unwrap.ts";
import { withRunner } from "../run/with-runner.ts";

export async function cancel(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const { id, status } = await withRunner(invocation, async ({ runner }) => {
    const run = await findRun(runner, args[0] ?? "");
    unwrap(await runner.cancel(run, options.text("reason") ?? "cancelled by hand"));
    // Compensation belongs to the cancelling; a run that another process owns is cancelled there.
    return { id: run, status: (await runner.wait(run)).status };
  });
  if (options.on("json")) terminal.out(`${JSON.stringify({ run: id, status }, null, 2)}\n`);
  else terminal.err(`${id} ${status}\n`);
  return exitCodes.ok;
}
