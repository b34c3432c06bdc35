import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import type { Environment } from "../environment.ts";
import { UserMistake } from "../user-mistake.ts";

export const settingsName = "agentflow.config.yaml";

export interface SettingsFile {
  readonly path: string;
  /** As the user would name it. */
  readonly name: string;
  readonly folder: string;
  readonly text: string;
}

/** The file that `--config` or AGENTFLOW_CONFIG names, else the nearest one upwards; null when there is none. */
export function findSettings(
  named: string | undefined,
  environment: Environment,
): SettingsFile | null {
  const { variables, folder } = environment;
  const wanted = named ?? nonEmpty(variables["AGENTFLOW_CONFIG"]);
  const path = wanted === undefined ? nearest(folder) : resolve(folder, wanted);
  if (path === undefined) return null;
  const name = shown(path, folder);
  try {
    return { path, name, folder: dirname(path), text: readFileSync(path, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    const why = code === "ENOENT" ? "there is no such file" : `it can't be read (${String(code)})`;
    throw new UserMistake(`the settings ${name} can't be used: ${why}`, {
      hints: [
        named === undefined && wanted !== undefined
          ? "AGENTFLOW_CONFIG names it"
          : "--config takes the path of a YAML file",
      ],
    });
  }
}

function nearest(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, settingsName);
    if (existsSync(path)) return path;
    if (at === dirname(at)) return undefined;
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function shown(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith("../../..") ? path : short;
}
