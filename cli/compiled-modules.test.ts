import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { afterEach, beforeEach, expect, test } from "vitest";

import { compiledModules } from "./compiled-modules.ts";

let folder = "";
let kept = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agentflow-modules-"));
  kept = join(folder, ".compiled", String(cachedDataVersionTag()));
  const main = [
    'const { join } = require("node:path");',
    'const other = require("./other.js");',
    "exports.seen = [join('a', 'b'), other.value, __filename, __dirname, require('./other.js') === other];",
  ];
  writeFileSync(join(folder, "main.js"), main.join("\n"));
  writeFileSync(join(folder, "other.js"), 'exports.value = "other";\nexports.late = () => 1;\n');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const expected = (): unknown => ({
  seen: [join("a", "b"), "other", join(folder, "main.js"), folder, true],
});

test("a module runs with what it requires, and each runs once", () => {
  const modules = compiledModules({ folder, purpose: "check" });
  expect(modules.load("main.js")).toEqual(expected());
  expect(modules.load("main.js")).toBe(modules.load("main.js"));
});

test("what was compiled is kept once for each purpose", () => {
  const start = (purpose: string): void => {
    const modules = compiledModules({ folder, purpose });
    expect(modules.load("main.js")).toEqual(expected());
    modules.keep();
  };
  start("check");
  expect(readdirSync(kept)).toEqual(["for-check", "main.js", "other.js"]);
  const inode = (): number => statSync(join(kept, "main.js")).ino;
  const first = inode();
  start("check");
  expect(inode()).toBe(first);
  start("run");
  expect(readdirSync(kept)).toContain("for-run");
  expect(inode()).not.toBe(first);
  start("../odd");
  expect(readdirSync(kept)).toContain("for-others");
});

test("kept code that V8 refuses is replaced", () => {
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(kept, "main.js"), "garbage");
  writeFileSync(join(kept, "for-check"), "");
  const modules = compiledModules({ folder, purpose: "check" });
  expect(modules.load("main.js")).toEqual(expected());
  modules.keep();
  expect(statSync(join(kept, "main.js")).size).toBeGreaterThan("garbage".length);
});

test("a folder that can't be written keeps nothing and says nothing", () => {
  writeFileSync(join(folder, ".compiled"), "a file where the folder would be");
  const modules = compiledModules({ folder, purpose: "check" });
  expect(modules.load("main.js")).toEqual(expected());
  modules.keep();
});

test("a start that loads nothing leaves nothing", () => {
  compiledModules({ folder, purpose: "check" }).keep();
  expect(readdirSync(folder)).toEqual(["main.js", "other.js"]);
});
