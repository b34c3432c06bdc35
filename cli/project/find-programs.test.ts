import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { findPrograms, missingFile } from "./find-programs.ts";
import { storePath } from "./store-path.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "agentflow-find-"));
  for (const path of [
    "b.agentflow",
    "a.agentflow",
    "sub/c.agentflow",
    "node_modules/x.agentflow",
    ".hidden/y.agentflow",
    "notes.txt",
    "empty/keep.txt",
  ]) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("without words everything below the folder is meant, except hidden folders and packages", () => {
  expect(findPrograms([], folder)).toEqual(["a.agentflow", "b.agentflow", "sub/c.agentflow"]);
});

test("files and folders can be named; nothing is named twice", () => {
  expect(findPrograms(["sub", "b.agentflow", "sub/c.agentflow"], folder)).toEqual([
    "b.agentflow",
    "sub/c.agentflow",
  ]);
  expect(findPrograms(["a.agentflow"], join(folder))).toEqual(["a.agentflow"]);
  expect(findPrograms(["../b.agentflow"], join(folder, "sub"))).toEqual(["../b.agentflow"]);
});

test("what is not there is told with the nearest name", () => {
  expect(() => findPrograms(["c.agentflow"], folder)).toThrow("there is no file c.agentflow");
  expect(() => findPrograms(["empty"], folder)).toThrow("there is no .agentflow file in empty");
});

test.each([
  ["triage.agentflow", undefined],
  ["c", undefined],
  ["b", "b.agentflow"],
  ["sbu", "sub"],
  ["invoces.agentflow", "invoices.agentflow"],
  ["invoces", "invoices.agentflow"],
  [".agentflo", undefined],
  ["nots.txt", "notes.txt"],
])("for %s it offers %s: a program, never the folder of the store", (word, meant) => {
  const other = mkdtempSync(join(tmpdir(), "agentflow-near-"));
  for (const path of [
    ".agentflow/agentflow.db",
    "b.agentflow",
    "invoices.agentflow",
    "sub/x",
    "notes.txt",
  ]) {
    mkdirSync(join(other, path, ".."), { recursive: true });
    writeFileSync(join(other, path), "");
  }
  const { hints } = missingFile(word, other);
  expect(hints).toEqual(meant === undefined ? [] : [`did you mean ${meant}?`]);
  rmSync(other, { recursive: true });
});

test("the store is that of the nearest project upwards, never that of the home folder", () => {
  const environment = (at: string, home = "/nowhere") => ({ variables: {}, folder: at, home });
  const here = join(folder, "sub");
  expect(storePath(undefined, environment(here))).toBe(join(here, ".agentflow/agentflow.db"));
  mkdirSync(join(folder, ".agentflow"));
  expect(storePath(undefined, environment(here))).toBe(join(folder, ".agentflow/agentflow.db"));
  expect(storePath(undefined, environment(here, folder))).toBe(
    join(here, ".agentflow/agentflow.db"),
  );
  expect(storePath("x.db", environment(here))).toBe(join(here, "x.db"));
  expect(
    storePath(undefined, { ...environment(here), variables: { AGENTFLOW_STORE: "/y.db" } }),
  ).toBe("/y.db");
});
