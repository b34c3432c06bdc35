import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { nextChange } from "./watch-files.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agentflow-watch-"));
  writeFileSync(join(folder, "a.agentflow"), "1");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a file that is written, or replaced as editors do, is noticed", async () => {
  const file = join(folder, "a.agentflow");
  const written = nextChange([file], new AbortController().signal);
  writeFileSync(file, "2");
  await expect(written).resolves.toBeUndefined();
  const replaced = nextChange([file], new AbortController().signal);
  writeFileSync(join(folder, "new"), "3");
  renameSync(join(folder, "new"), file);
  await expect(replaced).resolves.toBeUndefined();
});

test("the watch can be stopped", async () => {
  const stop = new AbortController();
  const change = nextChange([join(folder, "a.agentflow")], stop.signal);
  stop.abort();
  await expect(change).rejects.toThrow("the watch was stopped");
});
