import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

import { runAtEnd } from "./run-at-end.ts";
import { ownUrls } from "../build/bundle.ts";

const cache = join(import.meta.dirname, "../../node_modules/.cache");

/**
 * Bundles what a TypeScript script imports of this repository, for processes that tests start and kill again and again: file by file,
 * such a process needs half a second of a processor before it does anything. Gives the path of the script, which is gone when this process ends.
 */
export async function bundleScript(entry: string): Promise<string> {
  // Packages are found from here.
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "agentflow-script-"));
  runAtEnd('rm -rf "$1"', folder);
  const outfile = join(folder, "script.mjs");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20.19",
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "warning",
    plugins: [ownUrls((path) => JSON.stringify(pathToFileURL(path).href))],
  });
  return outfile;
}
