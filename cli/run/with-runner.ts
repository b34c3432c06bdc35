import { existsSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { StoreError, openRunner } from "../../runner/index.ts";
import type { Runner, RunnerOptions } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { chooseProgress } from "../live/choose-progress.ts";
import type { Progress } from "../live/progress.ts";
import { terminalPeople } from "../people/terminal-people.ts";
import { makeFolder } from "../project/make-folder.ts";
import { readText } from "../project/read-text.ts";
import { storePath } from "../project/store-path.ts";
import { UserMistake } from "../user-mistake.ts";

export interface RunnerInvocation extends Invocation {
  /** Folder of the entry file, where the modules of its tools are; the current folder if unknown. */
  readonly programFolder?: string | undefined;
  /** While the store is open, runs that were interrupted go on as well. */
  readonly takeOver?: boolean;
  /** A store that is not there yet is made; otherwise that is a mistake. */
  readonly makesStore?: boolean;
}

export interface Session {
  readonly runner: Runner;
  readonly progress: Progress;
  /** At the end nothing in flight is waited for: it is left to `resume`. */
  leaveAtOnce(): void;
}

/** Opens the store for work, and closes it whatever happens: what could not be finished can be resumed. */
export async function withRunner<T>(
  invocation: RunnerInvocation,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { options, terminal, environment, programFolder, takeOver = false } = invocation;
  const path = storePath(options.text("store"), environment);
  if (invocation.makesStore === true) makeHome(path);
  else if (!existsSync(path)) throw noStore(path);
  refuseFolder(path);
  const progress = chooseProgress(terminal, options.on("quiet"));
  const people = terminalPeople({
    terminal,
    progress,
    folder: environment.folder,
    answers: options.texts("answer"),
    ask: !options.on("no-ask") && !options.on("json"),
  });
  const runner = await opened({
    store: path,
    variables: environment.variables,
    folder: programFolder ?? environment.folder,
    people,
    takeOver,
    ...mockOptions(invocation),
  });
  let graceMs: number | undefined;
  const session: Session = {
    runner,
    progress,
    leaveAtOnce: () => {
      graceMs = 0;
    },
  };
  try {
    return await work(session);
  } catch (error) {
    throw mistakeOfRunner(error) ?? error;
  } finally {
    await runner.close(graceMs === undefined ? {} : { graceMs });
  }
}

/** Opens the store to look: nothing goes on, and nothing is made. `empty` is for a project without a store. */
export async function withReader<T>(
  invocation: Invocation,
  empty: T | undefined,
  look: (runner: Runner) => Promise<T>,
): Promise<T> {
  const { options, environment } = invocation;
  const path = storePath(options.text("store"), environment);
  if (!existsSync(path)) {
    if (empty !== undefined && options.text("store") === undefined) return empty;
    throw noStore(path);
  }
  refuseFolder(path);
  const runner = await opened({
    store: path,
    variables: environment.variables,
    folder: environment.folder,
  });
  try {
    return await look(runner);
  } finally {
    await runner.close({ graceMs: 0 });
  }
}

/** The driver only says that it could not open it. */
function refuseFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw new UserMistake(`the store ${path} is a folder, not a file`, {
    hints: [`name a file in it: --store ${join(path, "agentflow.db")}`],
  });
}

function noStore(path: string): UserMistake {
  return new UserMistake(`there is no store at ${path}`, {
    exitCode: exitCodes.refused,
    code: "not_found",
    hints: ["agentflow run makes it"],
  });
}

async function opened(options: RunnerOptions): Promise<Runner> {
  try {
    return await openRunner(options);
  } catch (error) {
    throw mistakeOfRunner(error) ?? error;
  }
}

/** What a person can mend: a store that can't be opened, a program that can't go on here, a script that can't be read. */
function mistakeOfRunner(error: unknown): UserMistake | undefined {
  if (error instanceof StoreError)
    return new UserMistake(error.message, {
      exitCode: exitCodes.refused,
      code: `store_${error.kind}`,
    });
  if (!(error instanceof Error)) return undefined;
  if (error.name === "ProgramRefused")
    return new UserMistake(error.message, { exitCode: exitCodes.refused });
  return error instanceof TypeError && error.message.startsWith("the script of the mock model")
    ? new UserMistake(error.message)
    : undefined;
}

/** The folder of a store made here ignores itself, so that nobody commits runs by mistake. */
function makeHome(path: string): void {
  const folder = dirname(path);
  if (existsSync(folder)) return;
  makeFolder(folder);
  if (folder.endsWith(".agentflow")) writeFileSync(join(folder, ".gitignore"), "*\n");
}

/** How long a made-up answer takes where somebody watches; otherwise it is there at once. */
const watchedLatencyMs = { from: 200, to: 700 };

function mockOptions({
  options,
  terminal,
  environment,
}: Invocation): Pick<RunnerOptions, "models"> {
  const script = options.text("mock-script");
  if (!options.on("mock") && script === undefined) return {};
  const seed = options.text("seed");
  return {
    models: {
      kind: "mock",
      ...(terminal.live && !options.on("quiet") ? { latencyMs: watchedLatencyMs } : {}),
      ...(seed === undefined ? {} : { seed }),
      ...(script === undefined ? {} : { script: readText(script, environment.folder) }),
      ...(options.on("mock-people") ? { people: true } : {}),
    },
  };
}
