import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRun } from "../run/find-run.ts";
import { outputText } from "../run/report-run.ts";
import { withReader } from "../run/with-runner.ts";
import { UserMistake } from "../user-mistake.ts";

export async function runsOutput(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const run = await withReader(invocation, undefined, async (runner) => {
    return await runner.show(await findRun(runner, args[0] ?? ""));
  });
  if (run === null || run.status !== "succeeded") {
    const why = run?.error == null ? (run?.waitsFor ?? "") : `${run.error.code}: ${run.error.message}`;
    throw new UserMistake(`run ${run?.id ?? ""} has no result: it is ${run?.status ?? "gone"}${why === "" ? "" : ` (${why})`}`, {
      exitCode: exitCodes.refused,
      code: "no_output",
    });
  }
  terminal.out(options.on("json") ? `${JSON.stringify(run.output, null, 2)}\n` : outputText(run.output));
  return exitCodes.ok;
}
