// The package as somebody installs it: packed, unpacked beside its dependencies, started and imported.
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
let folder = "";
let installed = "";

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Manifest;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "agentflow-package-"));
  const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const archive = execFileSync("npm", pack, { cwd: root, encoding: "utf8" }).trim();
  execFileSync("tar", ["-xzf", join(folder, archive), "-C", folder]);
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  installed = join(modules, "agentflow");
  renameSync(join(folder, "package"), installed);
  for (const name of Object.keys(manifest().dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(file: string, ...options: string[]): string {
  return execFileSync(process.execPath, [file, ...options], { cwd: folder, encoding: "utf8" });
}

test("the command starts and knows its version", () => {
  expect(run(join(installed, "dist/cli/main.js"), "version")).toContain(manifest().version);
});

test("every door can be imported by its name and offers something", () => {
  const doors = Object.keys(manifest().exports).filter((door) => door !== "./package.json");
  expect(doors).toEqual(["./compiler", "./runner", "./testing"]);
  const script = join(folder, "doors.mjs");
  const lines = doors.map((door) => {
    const name = JSON.stringify(door.replace(".", "agentflow"));
    return `console.log(${name}, Object.keys(await import(${name})).length > 0);`;
  });
  writeFileSync(script, lines.join("\n"));
  expect(run(script)).toBe(
    "agentflow/compiler true\nagentflow/runner true\nagentflow/testing true\n",
  );
});

test("it holds what is needed and nothing else", () => {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
  for (const needed of ["LICENSE", "README.md", "CHANGELOG.md", "dist/third-party-licences.txt"]) {
    expect(files).toContain(needed);
  }
  const strays = files.filter(
    (file) =>
      /\.test\.|(^|\/)fixtures\/|(^|\/)goldens\//.test(file) ||
      (file.endsWith(".ts") && !file.endsWith(".d.ts")) ||
      !/^(dist\/|[A-Z]+(\.md)?$|package\.json$)/.test(file),
  );
  expect(strays).toEqual([]);
});
