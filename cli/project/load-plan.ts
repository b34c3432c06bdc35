import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import type { Diagnostic } from "../../compiler/index.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Environment } from "../environment.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";
import { UserMistake } from "../user-mistake.ts";
import { diskHost } from "./disk-host.ts";
import { missingFile } from "./find-programs.ts";

export interface LoadOptions {
  /** As the user wrote it. */
  readonly file: string;
  readonly environment: Environment;
  readonly terminal: Terminal;
}

export interface LoadedPlan {
  readonly plan: Plan;
  /** Folder of the entry file: module tools are found from there. */
  readonly folder: string;
  /** Absolute paths of the files it was made from. */
  readonly files: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** Compiles a program, or reads a plan that was compiled before. Throws `UserMistake` with the diagnostics. */
export async function loadPlan(options: LoadOptions): Promise<LoadedPlan> {
  const { file, environment } = options;
  const path = resolve(environment.folder, file);
  if (file.endsWith(".json"))
    return {
      plan: await readPlan(path, options),
      folder: dirname(path),
      files: [path],
      warnings: [],
    };
  return await compileProgram(path, options);
}

async function readPlan(path: string, { file, environment }: LoadOptions): Promise<Plan> {
  const text = readOrMiss(path, file, environment);
  const { parsePlan } = await import("../../plan/validate.ts");
  const read = parsePlan(text);
  if (read.ok) return read.plan;
  throw new UserMistake(`${file} is no plan`, {
    exitCode: exitCodes.failed,
    code: "invalid_plan",
    hints: read.problems.slice(0, 5).map(({ path: place, message }) => `${place} ${message}`),
  });
}

async function compileProgram(
  path: string,
  { file, environment, terminal }: LoadOptions,
): Promise<LoadedPlan> {
  readOrMiss(path, file, environment);
  const { compile, renderText, diagnosticsDocument } = await import("../../compiler/index.ts");
  const result = compile(diskHost(environment.folder), file);
  const errors = result.diagnostics.filter(({ severity }) => severity === "error");
  if (result.plan === null || errors.length > 0) {
    const { columns } = terminal.size();
    const color = terminal.errColors.isColorSupported;
    throw new UserMistake(`${file} has ${errors.length} error${errors.length === 1 ? "" : "s"}`, {
      exitCode: exitCodes.failed,
      code: "program_has_errors",
      before: `${renderText(errors, result.sources, { color, width: columns })}\n`,
      data: { diagnostics: diagnosticsDocument(errors, result.sources).diagnostics },
    });
  }
  const files = [...result.sources.keys()]
    .filter((name) => !name.startsWith("std/"))
    .map((name) => resolve(environment.folder, name));
  return { plan: result.plan, folder: dirname(path), files, warnings: result.diagnostics };
}

function readOrMiss(path: string, file: string, { folder }: Environment): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") throw missingFile(file, folder);
    if (code === "EISDIR") {
      throw new UserMistake(`${file} is a folder, not a program`, {
        hints: [`agentflow check ${file} looks for the programs in it`],
      });
    }
    throw error;
  }
}
