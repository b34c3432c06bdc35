import { existsSync } from "node:fs";
import { dirname } from "node:path";

import type { Environment } from "./environment.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";
import { UserMistake } from "./user-mistake.ts";

export interface FaultReport {
  readonly terminal: Terminal;
  readonly environment: Environment;
  readonly json: boolean;
  readonly debug: boolean;
  /** The command line. */
  readonly words: readonly string[];
}

/** Tells what went wrong and gives the exit code. */
export async function reportFault(error: unknown, report: FaultReport): Promise<number> {
  const mistake = error instanceof UserMistake ? error : mistakeOfSystem(error);
  if (mistake === undefined) return await reportInternal(error, report);
  if (report.json) {
    const { code, message, hints, data } = mistake;
    report.terminal.out(
      `${JSON.stringify({ error: { code, message, hints, ...data } }, null, 2)}\n`,
    );
  } else {
    const { bold, red, dim } = report.terminal.errColors;
    report.terminal.err(mistake.before);
    report.terminal.err(`${bold(red("error"))}: ${mistake.message}\n`);
    for (const hint of mistake.hints)
      report.terminal.err(`  ${dim(hint.replaceAll("\n", "\n  "))}\n`);
  }
  return mistake.exitCode;
}

/** What the file system refuses is for the user to mend. */
function mistakeOfSystem(error: unknown): UserMistake | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("path" in error)) return undefined;
  const path = String(error.path);
  const shown = path.length > 120 ? `${path.slice(0, 60)}…` : path;
  switch (error.code) {
    case "ENOENT":
      return new UserMistake(missingText(error, path));
    case "EACCES":
    case "EPERM":
      return new UserMistake(`${path} may not be opened: permission denied`);
    case "EISDIR":
      return new UserMistake(`${path} is a folder, not a file`);
    case "ENOSPC":
      return new UserMistake(`${path} can't be written: the disk is full`);
    case "EROFS":
      return new UserMistake(`${path} can't be written: the disk is read-only`);
    case "ENOTDIR":
    case "EEXIST":
      return new UserMistake(
        `${path} can't be reached or made: a part of it is a file, not a folder`,
      );
    case "ENAMETOOLONG":
      return new UserMistake(`${shown} can't be opened: the name is too long`);
    case "ELOOP":
      return new UserMistake(`${path} can't be opened: its symbolic links lead in a circle`);
    default:
      return undefined;
  }
}

/** A file that is to be written needs its folder; one that is to be read must be there itself. */
function missingText(error: Error, path: string): string {
  if ("syscall" in error && error.syscall === "mkdir")
    return `the folder ${path} can't be made there`;
  const folder = dirname(path);
  return existsSync(folder) ? `there is no file ${path}` : `there is no folder ${folder}`;
}

async function reportInternal(error: unknown, report: FaultReport): Promise<number> {
  const details = await faultDetails(error, report);
  const { terminal, debug } = report;
  const { bold, red } = terminal.errColors;
  const message = error instanceof Error ? error.message : String(error);
  if (report.json) {
    const hints = [
      "this is a fault of agentflow: please report it",
      ...(debug ? [details] : [await keepDetails(details)]),
    ];
    terminal.out(`${JSON.stringify({ error: { code: "internal", message, hints } }, null, 2)}\n`);
    return exitCodes.internal;
  }
  terminal.err(`${bold(red("internal error"))}: ${message}\n`);
  terminal.err("  This is a fault of agentflow, not of your program. Please report it.\n");
  if (debug) terminal.err(`${details}\n`);
  else terminal.err(`  ${await keepDetails(details)}\n`);
  return exitCodes.internal;
}

async function faultDetails(error: unknown, { words, environment }: FaultReport): Promise<string> {
  const { packageVersion } = await import("./package-version.ts");
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `agentflow ${packageVersion()} on Node ${process.version}, ${process.platform} ${process.arch}`,
    // Parameters may be personal, so only the command's name is kept.
    `command: ${words[0] ?? ""}`,
    stack.replaceAll(environment.home, "~"),
  ].join("\n");
}

async function keepDetails(details: string): Promise<string> {
  try {
    const { writeFile } = await import("node:fs/promises");
    const { tmpdir } = await import("node:os");
    const path = `${tmpdir()}/agentflow-fault-${process.pid}.txt`;
    await writeFile(path, `${details}\n`, { mode: 0o600 });
    return `The details are in ${path}.`;
  } catch {
    return "Run the command again with --debug for the details.";
  }
}
