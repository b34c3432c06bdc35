// A gate that looks at nothing is always green. Each of them must refuse a fault that was planted for it.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agentflow-gate-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function plant(files: Readonly<Record<string, unknown>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(join(folder, path), text);
  }
}

function run(
  command: string,
  ...options: string[]
): { readonly status: number; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(join(root, "node_modules/.bin", command), options, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, CI: "true", NO_COLOR: "1" },
  });
  return { status: status ?? -1, said: `${stdout}${stderr}` };
}

const tsconfig = {
  extends: join(root, "tsconfig.json"),
  compilerOptions: { rootDir: ".", types: ["node"] },
  include: ["**/*.ts"],
};

test("lint refuses faults of syntax, of types and of promises", () => {
  plant({
    "tsconfig.json": tsconfig,
    "faults.ts": [
      'import { readFile } from "node:fs/promises";',
      'readFile("a");',
      "export const loose = 1 == Number(process.argv[0]);",
      "export default loose;",
      "let never = 2;",
      "export const parsed: string = JSON.parse(String(never));",
      'export function which(kind: "a" | "b"): void { switch (kind) { case "a": break; } }',
    ].join("\n"),
  });
  const { status, said } = run(
    "oxlint",
    "-c",
    join(root, ".oxlintrc.json"),
    "-f",
    "unix",
    "faults.ts",
  );
  expect(status).not.toBe(0);
  for (const rule of [
    "no-floating-promises",
    "eqeqeq",
    "no-default-export",
    "prefer-const",
    "no-unsafe-assignment",
    "switch-exhaustiveness-check",
  ]) {
    expect(said).toContain(rule);
  }
});

test("format refuses another layout and a line of more than 100 columns", () => {
  const long = `export const sum = ${"one + ".repeat(20)}two;\n`;
  plant({
    "layout.ts": "export  const a='1'\n",
    "long.ts": long,
    "good.ts": 'export const a = "1";\n',
  });
  const { status, said } = run("oxfmt", "-c", join(root, ".oxfmtrc.json"), "--list-different", ".");
  expect(status).not.toBe(0);
  expect(said).toContain("layout.ts");
  expect(said).toContain("long.ts");
  expect(said).not.toContain("good.ts");
});

test("types refuses what the strictest options refuse", () => {
  plant({
    "tsconfig.json": tsconfig,
    "faults.ts": [
      "export const first: string = process.argv[0];",
      "export const exact: { a?: number } = { a: undefined };",
      "enum Colour { red }",
      "class Base { run(): void {} } export class Child extends Base { run(): void {} }",
    ].join("\n"),
  });
  const { status, said } = run("tsc", "-p", ".");
  expect(status).not.toBe(0);
  for (const code of ["TS2322", "TS2375", "TS1294", "TS4114"]) expect(said).toContain(code);
});

test("dead code refuses unused files, exports and packages", () => {
  plant({
    "package.json": { name: "planted", type: "module", dependencies: { ajv: "8.20.0" } },
    "tsconfig.json": tsconfig,
    "knip.json": { entry: ["main.ts"], project: ["**/*.ts"], ignoreExportsUsedInFile: true },
    "main.ts": 'import { used } from "./half.ts";\nimport "chevrotain";\nused();\n',
    "half.ts": "export function used(): void {}\nexport function unused(): void {}\n",
    "dead.ts": "export const dead = 1;\n",
  });
  const { status, said } = run("knip", "--no-progress");
  expect(status).not.toBe(0);
  for (const what of ["dead.ts", "unused", "ajv", "chevrotain"]) expect(said).toContain(what);
});

test("package refuses a door that leads nowhere", () => {
  plant({
    "package.json": {
      name: "planted",
      version: "1.0.0",
      type: "module",
      license: "Apache-2.0",
      files: ["dist"],
      exports: { "./door": "./dist/door.js" },
    },
    "dist/other.js": "export {};\n",
  });
  const { status, said } = run("publint", "--strict");
  expect(status).not.toBe(0);
  expect(said).toContain("./dist/door.js");
});

test("tidy looks at the folder it is started in", () => {
  plant({ "base/utils.ts": "export const now = Date.now();\n" });
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, "tools/run.js"), join(root, "tools/tidy/tidy.ts")],
    { cwd: folder, encoding: "utf8" },
  );
  expect(status).toBe(1);
  expect(stdout).toContain("base/utils.ts:1  utils.ts says nothing");
  expect(stdout).toContain("base/utils.ts:1  Date.now is touched in its adapter alone");
  expect(stdout).toContain("1 files, median 1 lines, 2 violations");
});
