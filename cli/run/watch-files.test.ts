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

test("a save that changes nothing is no change, however often the file is written", async () => {
  const file = join(folder, "a.agentflow");
  const stop = new AbortController();
  const watch = new FileWatch();
  watch.follow([file]);
  writeFileSync(file, "2");
  expect(await watch.next(stop.signal)).toBe(true);
  watch.forget();
  const again = watch.next(stop.signal);
  writeFileSync(file, "2");
  writeFileSync(join(folder, "copy"), "2");
  renameSync(join(folder, "copy"), file);
  const marker = new FileWatch();
  marker.follow([join(folder, "marker.txt")]);
  writeFileSync(join(folder, "marker.txt"), "seen");
  // Both hear of the folder in the same order, so what was written before the marker has been judged by now.
  expect(await marker.next(stop.signal)).toBe(true);
  stop.abort();
  expect(await again).toBe(false);
  watch.close();
  marker.close();
});
