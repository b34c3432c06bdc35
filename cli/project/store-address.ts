import { existsSync } from "node:fs";

import { isPostgresUrl } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { findSettings } from "../settings/find-settings.ts";
import { storePath } from "./store-path.ts";

/**
 * The store that a command works on: `--store` or AGENTFLOW_STORE, else that of the settings if the project has any, else the file of the
 * project. A path, or `postgres://…`.
 *
 * @throws UserMistake when the settings can't be used.
 */
export async function storeAddress(invocation: Invocation): Promise<string> {
  const { options, environment } = invocation;
  const named = options.text("store") ?? environment.variables["AGENTFLOW_STORE"] ?? "";
  if (isPostgresUrl(named)) return named;
  if (named === "" && findSettings(options.text("config"), environment) !== null) {
    // Reading YAML and checking it takes as long as the rest of a small command.
    const { readSettings, cannotStart } = await import("../settings/read-settings.ts");
    const { settings, obstacles, printed } = readSettings(invocation);
    if (settings === null) throw cannotStart(obstacles, printed);
    if (settings.store.url !== null) return settings.store.url;
  }
  return storePath(options.text("store"), environment);
}

/** Whether there is a store to be opened. That of a server shows only when it is opened. */
export function hasStore(address: string): boolean {
  return isPostgresUrl(address) || existsSync(address);
}
