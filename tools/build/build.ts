/**
 * `npm run build`: bundles and declarations into `dist/`, beside the files that are read at run time. The new folder
 * replaces the old one in one step, so a command that starts meanwhile finds a whole one.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { listFiles } from "../tidy/list-files.ts";
import { bundle } from "./bundle.ts";
import { packageFolders, thirdPartyLicences } from "./licences.ts";

const doors = ["compiler/index", "runner/index", "testing/index"];
const threads = [
  "runner/tools/module-host",
  "runner/tools/typescript-hooks",
  "runner/tools/web-page",
];
const command = { file: "cli/main.js", start: "cli/start", main: "cli/main" };
// A native addon, and what threads look up by its name.
const packages = ["libsql", "sucrase"];

const root = process.cwd();
const target = join(root, "dist");
const fresh = join(root, `dist.${process.pid}`);

async function runBuild(): Promise<void> {
  rmSync(fresh, { recursive: true, force: true });
  try {
    emitDeclarations();
    const inputs = await bundle({ root, target: fresh, doors, threads, command, packages });
    const licences = thirdPartyLicences(root, packageFolders(inputs));
    writeFileSync(join(fresh, "third-party-licences.txt"), licences);
    copyAssets();
    chmodSync(join(fresh, "cli/main.js"), 0o755);
    startOnce();
    replaceTarget();
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Types are checked by `npm run check:types`; here they are only written down. */
function emitDeclarations(): void {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const options = [
    "-p",
    "tsconfig.build.json",
    "--noCheck",
    "--emitDeclarationOnly",
    "--outDir",
    fresh,
  ];
  execFileSync(process.execPath, [tsc, ...options], { stdio: "inherit" });
}

/** What the program reads while it runs: the standard library and the JSON Schemas. */
function copyAssets(): void {
  for (const file of listFiles(root, ["stdlib", "plan", "compiler", "runner", "cli", "config"])) {
    const isAsset = file.startsWith("stdlib/") || /\.(json|agentflow)$/.test(file);
    const isTest = /(^|\/)(fixtures|goldens)\//.test(file) || /\.test\.\w+$/.test(file);
    if (isAsset && !isTest) cpSync(join(root, file), join(fresh, file));
  }
}

/** A first start compiles the command and keeps that, see `cli/compiled-modules.ts`. So the first one is ours. */
function startOnce(): void {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-build-"));
  const hello = join(root, "examples/hello/hello.agentflow");
  const starts = [
    ["check", hello],
    ["run", hello, "--name", "Ada", "--mock", "--store", join(folder, "runs.db")],
  ];
  for (const start of starts) {
    spawnSync(process.execPath, [join(fresh, "cli/main.js"), ...start], { cwd: folder });
  }
  rmSync(folder, { recursive: true, force: true });
}

function replaceTarget(): void {
  const old = `${fresh}.old`;
  if (existsSync(target)) renameSync(target, old);
  renameSync(fresh, target);
  rmSync(old, { recursive: true, force: true });
}

await runBuild();
