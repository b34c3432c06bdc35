import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import type { Environment } from "../environment.ts";

/**
 * Where runs are kept: `--store`, else AGENTFLOW_STORE, else `.agentflow/agentflow.db` in the nearest folder upwards that has
 * a `.agentflow` folder, else in the current folder.
 */
export function storePath(option: string | undefined, environment: Environment): string {
  const named = option ?? environment.variables["AGENTFLOW_STORE"];
  if (named !== undefined && named !== "") return resolve(environment.folder, named);
  return join(projectFolder(environment), ".agentflow", "agentflow.db");
}

export function projectFolder({ folder, home }: Environment): string {
  // A store in the home folder is not the store of every project below it.
  for (let at = folder; at !== home && at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, ".agentflow"))) return at;
  }
  return folder;
}
