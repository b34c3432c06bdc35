import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll } from "vitest";

const command = join(import.meta.dirname, "../../dist/cli/main.js");

// A test that fails half-way must not leave its command behind.
const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

const projects: string[] = [];
afterAll(() => {
  for (const folder of projects) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

export interface CommandResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  /** What is typed or piped in; nothing, and closed, unless told. */
  readonly input?: string;
  readonly variables?: { readonly [name: string]: string };
}

/** A new folder with these files, for the tests of one file. */
export function makeProject(files: { readonly [path: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-cli-"));
  projects.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Runs the built command as a process of its own, to its end. */
export async function agentflow(
  folder: string,
  words: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const running = startAgentflow(folder, words, options);
  return await running.ended;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<CommandResult>;
  /** Resolves when either output contains the text. */
  says(text: string): Promise<void>;
}

export function startAgentflow(
  folder: string,
  words: readonly string[],
  { input, variables = {} }: CommandOptions = {},
): RunningCommand {
  if (!existsSync(command)) throw new Error("run `npm run build` first");
  const child = spawn(process.execPath, [command, ...words], {
    cwd: folder,
    // The machine's own keys and settings must not decide whether a test passes.
    env: { PATH: process.env["PATH"], HOME: folder, NO_COLOR: "1", ...variables },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  const listeners = new Set<() => void>();
  const heard = (): void => listeners.forEach((listener) => listener());
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    heard();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
    heard();
  });
  running.add(child);
  child.on("close", () => running.delete(child));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  const ended = new Promise<CommandResult>((resolve) => {
    child.on("close", (code, signal) =>
      resolve({ exitCode: code ?? 128 + constants.signals[signal ?? "SIGKILL"], out, err }),
    );
  });
  const says = async (text: string): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!out.includes(text) && !err.includes(text)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      void ended.then((result) =>
        reject(new Error(`it ended without saying ${text}: ${result.out}${result.err}`)),
      );
      look();
    });
  };
  return { process: child, ended, says };
}
