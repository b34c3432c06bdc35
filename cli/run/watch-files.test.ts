import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { FileWatch } from "./watch-files.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agentflow-watch-"));
  writeFileSync(join(folder, "a.agentflow"), "1");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a file that is written, or replaced as editors do, is noticed", async () => {
  const file = join(folder, "a.agentflow");
  const { signal } = new AbortController();
  const watch = new FileWatch();
  watch.follow([file]);
  writeFileSync(file, "2");
  expect(await watch.next(signal)).toBe(true);
  watch.forget();
  writeFileSync(join(folder, "new"), "3");
  renameSync(join(folder, "new"), file);
  expect(await watch.next(signal)).toBe(true);
  expect(await watch.next(signal)).toBe(true);
  watch.close();
});

test("waiting can be given up", async () => {
  const stop = new AbortController();
  const watch = new FileWatch();
  watch.follow([join(folder, "a.agentflow")]);
  const change = watch.next(stop.signal);
  stop.abort();
  expect(await change).toBe(false);
  watch.close();
});
