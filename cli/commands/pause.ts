import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRun } from "../run/find-run.ts";
import { unwrap } from "../run/unwrap.ts";
import { withRunner } from "../run/with-runner.ts";

/** How long the run's owner has time to take notice. */
const patienceMs = 10_000;

export async function pause(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const { id, status } = await withRunner(invocation, async ({ runner }) => {
    const run = await findRun(runner, args[0] ?? "");
    unwrap(await runner.operations.pauseRun(run));
    const signal = AbortSignal.timeout(patienceMs);
    await runner.wait(run, { signal, untilWaiting: true }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return { id: run, status: (await runner.show(run))?.status ?? "paused" };
  });
  if (options.on("json")) terminal.out(`${JSON.stringify({ run: id, status }, null, 2)}\n`);
  else if (status === "paused")
    terminal.err(`${id} is paused; \`agentflow resume ${id}\` lets it go on\n`);
  else terminal.err(`${id} is ${status}; it is paused as soon as its owner takes notice\n`);
  return exitCodes.ok;
}
