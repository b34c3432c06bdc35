import { resolve } from "node:path";

import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { splitTarget } from "../project/choose-flow.ts";
import { loadPlan } from "../project/load-plan.ts";
import type { LoadedPlan } from "../project/load-plan.ts";
import { reportFault } from "../report-fault.ts";
import { UserMistake } from "../user-mistake.ts";
import { nextChange } from "./watch-files.ts";

/** Checks and runs, and does so again after each change of the program, until Ctrl-C. */
export async function watchRun(
  invocation: Invocation,
  runOnce: (invocation: Invocation, loaded: LoadedPlan) => Promise<number>,
): Promise<number> {
  const { args, environment, terminal, options } = invocation;
  const { file } = splitTarget(args[0] ?? "");
  const { dim } = terminal.errColors;
  let files: readonly string[] = [resolve(environment.folder, file)];
  for (;;) {
    try {
      const loaded = await loadPlan({ file, environment, terminal });
      files = loaded.files;
      const exitCode = await runOnce(invocation, loaded);
      if (exitCode === exitCodes.interrupted) return exitCode;
    } catch (error) {
      if (!(error instanceof UserMistake)) throw error;
      const json = options.on("json");
      await reportFault(error, { terminal, environment, json, debug: false, words: ["run"] });
    }
    terminal.err(`${dim("waiting for a change; Ctrl-C ends")}\n`);
    if (!(await changedBeforeInterrupt(files))) return exitCodes.interrupted;
  }
}

/** False for Ctrl-C. */
async function changedBeforeInterrupt(files: readonly string[]): Promise<boolean> {
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", interrupted);
  try {
    await nextChange(files, stop.signal);
    return true;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return false;
  } finally {
    process.off("SIGINT", interrupted);
    process.off("SIGTERM", interrupted);
  }
}
