import { statSync } from "node:fs";
import { join } from "node:path";

import { StoreError, isPostgresUrl, openRunner } from "../../runner/index.ts";
import type { OperatedRunner, RunnerOptions } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { chooseProgress } from "../live/choose-progress.ts";
import type { Progress } from "../live/progress.ts";
import { terminalPeople } from "../people/terminal-people.ts";
import { makeHome } from "../project/make-home.ts";
import { readText } from "../project/read-text.ts";
import { hasStore, storeAddress } from "../project/store-address.ts";
import { hideSecrets } from "../settings/settings-problem.ts";
import type { Terminal } from "../terminal.ts";
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
  readonly runner: OperatedRunner;
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
  const store = await storeFor(invocation);
  const progress = chooseProgress(terminal, options.on("quiet"));
  const people = terminalPeople({
    terminal,
    progress,
    folder: environment.folder,
    answers: options.texts("answer"),
    ask: !options.on("no-ask") && !options.on("json"),
  });
  const runner = await opened(terminal, {
    store,
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
  look: (runner: OperatedRunner) => Promise<T>,
): Promise<T> {
  const { options, environment, terminal } = invocation;
  const store = await storeAddress(invocation);
  if (!hasStore(store)) {
    if (empty !== undefined && options.text("store") === undefined) return empty;
    throw noStore(store);
  }
  refuseFolder(store);
  const runner = await opened(terminal, {
    store,
    variables: environment.variables,
    folder: environment.folder,
  });
  try {
    return await look(runner);
  } finally {
    await runner.close({ graceMs: 0 });
  }
}

/** Opens the store to change what is served and held; what there is to do is left to others. */
export async function withOperator<T>(
  invocation: RunnerInvocation,
  work: (runner: OperatedRunner) => Promise<T>,
): Promise<T> {
  const { options, environment, terminal, programFolder } = invocation;
  const store = await storeFor(invocation);
  const runner = await opened(terminal, {
    store,
    variables: environment.variables,
    folder: programFolder ?? environment.folder,
    work: "none",
    ...(options.on("mock") ? { models: { kind: "mock" } } : {}),
  });
  try {
    return await work(runner);
  } catch (error) {
    throw mistakeOfRunner(error) ?? error;
  } finally {
    await runner.close({ graceMs: 0 });
  }
}

async function storeFor(invocation: RunnerInvocation): Promise<string> {
  const store = await storeAddress(invocation);
  if (invocation.makesStore === true) makeHome(store);
  else if (!hasStore(store)) throw noStore(store);
  refuseFolder(store);
  return store;
}

/** The driver only says that it could not open it. */
function refuseFolder(store: string): void {
  if (isPostgresUrl(store)) return;
  if (statSync(store, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw new UserMistake(`the store ${store} is a folder, not a file`, {
    hints: [`name a file in it: --store ${join(store, "agentflow.db")}`],
  });
}

function noStore(store: string): UserMistake {
  return new UserMistake(`there is no store at ${store}`, {
    exitCode: exitCodes.refused,
    code: "not_found",
    hints: ["agentflow run makes it"],
  });
}

/** Nobody should have to guess why nothing happens for longer than this. */
const silenceMs = 1_000;

async function opened(
  { err }: Terminal,
  options: RunnerOptions & { readonly store: string },
): Promise<OperatedRunner> {
  const why = isPostgresUrl(options.store)
    ? "it has not answered yet"
    : "another program may have locked it";
  const place = hideSecrets(options.store);
  const notice = setTimeout(() => err(`waiting for the store ${place}: ${why}\n`), silenceMs);
  try {
    return await openRunner(options);
  } catch (error) {
    throw mistakeOfRunner(error) ?? error;
  } finally {
    clearTimeout(notice);
  }
}

/** What a person can mend: a store that can't be opened, a program that can't go on here, a script that can't be read. */
function mistakeOfRunner(error: unknown): UserMistake | undefined {
  if (error instanceof StoreError)
    return new UserMistake(hideSecrets(error.message), {
      exitCode: exitCodes.refused,
      code: `store_${error.kind}`,
    });
  if (!(error instanceof Error)) return undefined;
  if (error.name === "ProgramRefused" || error.name === "ValueTooLarge")
    return new UserMistake(error.message, { exitCode: exitCodes.refused });
  return error instanceof TypeError && error.message.startsWith("the script of the mock model")
    ? new UserMistake(error.message)
    : undefined;
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
