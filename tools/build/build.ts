/**
 * `npm run build`: JavaScript and declarations into `dist/`, beside the files that are read at run time.
 * The new folder replaces the old one in one step, so a command that starts meanwhile finds a whole one.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { listFiles } from "../tidy/list-files.ts";

const root = process.cwd();
const target = join(root, "dist");
const fresh = join(root, `dist.${process.pid}`);

function build(): void {
  rmSync(fresh, { recursive: true, force: true });
  try {
    execFileSync(
      process.execPath,
      [
        join(root, "node_modules/typescript/bin/tsc"),
        "-p",
        "tsconfig.build.json",
        "--outDir",
        fresh,
      ],
      { stdio: "inherit" },
    );
    copyAssets();
    chmodSync(join(fresh, "cli/main.js"), 0o755);
    replaceTarget();
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** What the program reads while it runs: the standard library and the JSON Schemas. */
function copyAssets(): void {
  for (const file of listFiles(root, ["stdlib", "plan", "compiler", "runner", "cli"])) {
    const isAsset = file.startsWith("stdlib/") || /\.(json|agentflow)$/.test(file);
    const isTest = /(^|\/)(fixtures|goldens)\//.test(file) || /\.test\.\w+$/.test(file);
    if (isAsset && !isTest) cpSync(join(root, file), join(fresh, file));
  }
}

function replaceTarget(): void {
  const old = `${fresh}.old`;
  if (existsSync(target)) renameSync(target, old);
  renameSync(fresh, target);
  rmSync(old, { recursive: true, force: true });
}

build();
