import type { RunDetail } from "../../runner/index.ts";
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
  if (run === null || run.status !== "succeeded") throw noOutput(run);
  terminal.out(
    options.on("json") ? `${JSON.stringify(run.output, null, 2)}\n` : outputText(run.output),
  );
  return exitCodes.ok;
}

function noOutput(run: RunDetail | null): UserMistake {
  const error = run?.error ?? null;
  const why = error === null ? (run?.waitsFor ?? "") : `${error.code}: ${error.message}`;
  const state = `${run?.status ?? "gone"}${why === "" ? "" : ` (${why})`}`;
  return new UserMistake(`run ${run?.id ?? ""} has no result: it is ${state}`, {
    exitCode: exitCodes.refused,
    code: "no_output",
  });
}
