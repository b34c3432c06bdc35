import { resolve } from "node:path";

import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { reportFault } from "../report-fault.ts";
import { UserMistake } from "../user-mistake.ts";
import { nextChange } from "./watch-files.ts";

export interface Round {
  readonly exitCode: number;
  /** Absolute paths of the files it depends on. */
  readonly files: readonly string[];
}

/** Does something, and does it again after each change of its files, until Ctrl-C. */
export async function repeatOnChange(
  { args, environment, terminal, options }: Invocation,
  round: () => Promise<Round>,
): Promise<number> {
  const { dim } = terminal.errColors;
  let files: readonly string[] = args.map((word) =>
    resolve(environment.folder, word.replace(/#.*$/, "")),
  );
  for (;;) {
    try {
      const done = await round();
      if (done.exitCode === exitCodes.interrupted) return done.exitCode;
      if (done.files.length > 0) files = done.files;
    } catch (error) {
      if (!(error instanceof UserMistake)) throw error;
      await reportFault(error, {
        terminal,
        environment,
        json: options.on("json"),
        debug: false,
        words: [],
      });
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
