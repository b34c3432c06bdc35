import { resolve } from "node:path";

import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { reportFault } from "../report-fault.ts";
import { UserMistake } from "../user-mistake.ts";
import { FileWatch } from "./watch-files.ts";

export interface Round {
  readonly exitCode: number;
  /** Absolute paths of the files it depends on. */
  readonly files: readonly string[];
}

/** Does something, and does it again after each change of its files, until Ctrl-C. */
export async function repeatOnChange(
  invocation: Invocation,
  round: () => Promise<Round>,
): Promise<number> {
  const { args, environment, terminal } = invocation;
  const watch = new FileWatch();
  // Without words the current folder is meant, and a folder is watched by way of a file in it.
  const words = args.length === 0 ? ["main.agentflow"] : args;
  watch.follow(words.map((word) => resolve(environment.folder, word.replace(/#.*$/, ""))));
  try {
    for (;;) {
      // What changes while the round is at work may have come too late for it.
      watch.forget();
      const done = await tellMistakes(invocation, round);
      if (done?.exitCode === exitCodes.interrupted) return done.exitCode;
      if (done !== null && done.files.length > 0) watch.follow(done.files);
      terminal.err(`${terminal.errColors.dim("waiting for a change; Ctrl-C ends")}\n`);
      if (!(await changedBeforeInterrupt(watch))) return exitCodes.interrupted;
    }
  } finally {
    watch.close();
  }
}

/** A mistake in the program is a reason to wait for the next change, not to end. */
async function tellMistakes(
  { environment, terminal, options }: Invocation,
  round: () => Promise<Round>,
): Promise<Round | null> {
  try {
    return await round();
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
    const json = options.on("json");
    await reportFault(error, { terminal, environment, json, debug: false, words: [] });
    return null;
  }
}

/** False for Ctrl-C. */
async function changedBeforeInterrupt(watch: FileWatch): Promise<boolean> {
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", interrupted);
  try {
    return await watch.next(stop.signal);
  } finally {
    process.off("SIGINT", interrupted);
    process.off("SIGTERM", interrupted);
  }
}
