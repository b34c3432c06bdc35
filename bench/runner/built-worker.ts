import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");

/**
 * `distributed-worker.ts` on the built runner, as a worker is delivered: a loader of TypeScript is a thread of its own, and packages that are not
 * bundled take more memory than all the rest. Gives the file.
 */
export async function builtWorker(): Promise<string> {
  const runner = join(root, "dist/runner/index.js");
  if (!existsSync(runner)) throw new Error("there is no dist; run `npm run build` first");
  const folder = mkdtempSync(join(tmpdir(), "agentflow-worker-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, "worker.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "distributed-worker.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    plugins: [
      {
        name: "built-runner",
        setup({ onResolve }) {
          onResolve({ filter: /\/runner\/index\.ts$/ }, () => ({
            path: pathToFileURL(runner).href,
            external: true,
          }));
        },
      },
    ],
  });
  return outfile;
}
