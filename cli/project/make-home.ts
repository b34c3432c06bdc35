import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { isPostgresUrl } from "../../runner/index.ts";
import { makeFolder } from "./make-folder.ts";

/** The folder of a store made here ignores itself, so that nobody commits runs by mistake. */
export function makeHome(path: string): void {
  if (isPostgresUrl(path)) return;
  const folder = dirname(path);
  if (existsSync(folder)) return;
  makeFolder(folder);
  if (folder.endsWith(".agentflow")) writeFileSync(join(folder, ".gitignore"), "*\n");
}
