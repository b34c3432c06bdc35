import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { bundle } from "./bundle.ts";
import { packageFolders, thirdPartyLicences } from "./licences.ts";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "agentflow-build-"));
  plant({
    "package.json": '{ "type": "module" }',
    "cli/start.ts": [
      'import { createRequire } from "node:module";',
      "declare const mainModule: string;",
      'createRequire(import.meta.url)("./modules/" + mainModule);',
    ].join("\n"),
    "cli/main.ts": [
      'import { beside, start } from "../runner/tools/own-files.ts";',
      "void import('./commands/lazy.ts').then(async ({ lazy }) => {",
      "  console.log(beside('plan.json'), lazy, await start(), 'é');",
      "});",
    ].join("\n"),
    "cli/commands/lazy.ts":
      'import legacy from "legacy";\nexport const lazy: string = legacy.name;\n',
    "compiler/index.ts": 'export { beside } from "../runner/tools/own-files.ts";\n',
    "runner/tools/own-files.ts": [
      'import { readFileSync } from "node:fs";',
      'import { Worker } from "node:worker_threads";',
      "export const beside = (name: string): string =>",
      '  readFileSync(new URL(`./${name}`, import.meta.url), "utf8");',
      "export const start = (): Promise<unknown> => new Promise((resolve) => {",
      '  new Worker(new URL("./thread.js", import.meta.url)).on("message", resolve);',
      "});",
    ].join("\n"),
    "runner/tools/thread.ts": [
      'import { parentPort } from "node:worker_threads";',
      'import { beside } from "./own-files.ts";',
      'parentPort?.postMessage(beside("plan.json"));',
    ].join("\n"),
    "node_modules/legacy/package.json":
      '{ "name": "legacy", "version": "1.2.3", "license": "MIT" }',
    "node_modules/legacy/index.js": 'exports.name = require("path").basename("a/legacy");\n',
    "node_modules/legacy/LICENSE": "Copyright somebody\n",
    "out/runner/tools/plan.json": "the plan",
  });
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function plant(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function bundleAll(packages: readonly string[]): Promise<string[]> {
  const target = join(root, "out");
  const command = { file: "cli/main.js", start: "cli/start", main: "cli/main" };
  const threads = ["runner/tools/thread"];
  return bundle({ root, target, doors: ["compiler/index"], threads, command, packages });
}

test("bundled code finds the files beside it, starts its threads, and loads lazily", async () => {
  await bundleAll([]);
  const said = execFileSync(process.execPath, [join(root, "out/cli/main.js")], {
    encoding: "utf8",
  });
  expect(said).toBe("the plan legacy the plan é\n");
  const modules = readdirSync(join(root, "out/cli/modules"));
  expect(modules).toContainEqual(expect.stringMatching(/^main-\w+\.js$/));
  expect(modules).toContainEqual(expect.stringMatching(/^lazy-\w+\.js$/));
});

test("a door finds the files beside the code it was made of", async () => {
  await bundleAll([]);
  const script = `import { beside } from "./out/compiler/index.js"; console.log(beside("plan.json"));`;
  const options = { cwd: root, encoding: "utf8" } as const;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", script], options)).toBe(
    "the plan\n",
  );
});

test("the licences of what was bundled are kept", async () => {
  const folders = packageFolders(await bundleAll([]));
  expect(folders).toEqual(["node_modules/legacy"]);
  expect(thirdPartyLicences(root, folders)).toBe("legacy 1.2.3, MIT\n\nCopyright somebody\n\n");
  expect(packageFolders(await bundleAll(["legacy"]))).toEqual([]);
});

test("a package without a licence stops the build", () => {
  plant({ "node_modules/bare/package.json": '{ "name": "bare", "version": "1.0.0" }' });
  expect(() => thirdPartyLicences(root, ["node_modules/bare"])).toThrow(
    "bare 1.0.0 does not name its licence",
  );
});

test("folders of packages, scoped and nested", () => {
  const paths = ["base/a.ts", "node_modules/@a/b/x/y.js", "node_modules/c/node_modules/d/z.js"];
  expect(packageFolders(paths)).toEqual(["node_modules/@a/b", "node_modules/c/node_modules/d"]);
});
