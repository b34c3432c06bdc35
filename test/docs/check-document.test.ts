import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { checkDocument } from "./check-document.ts";
import type { DocumentScene } from "./check-document.ts";
import { docBlocks } from "./doc-blocks.ts";
import { looksLike } from "./loose-output.ts";
import { prepareScene } from "./prepare-scene.ts";

let scene: DocumentScene;

beforeEach(() => {
  scene = prepareScene([]);
  // Stands for the real command: finds fault with programs that say so.
  const command = join(scene.commands, "agentflow");
  rmSync(command);
  writeFileSync(command, '#!/bin/sh\nif grep -q broken "$2"; then echo error AF4001; exit 1; fi\n');
  chmodSync(command, 0o755);
});

afterEach(() => {
  rmSync(scene.folder, { recursive: true, force: true });
});

function check(markdown: string): string[] {
  return checkDocument(markdown, scene);
}

function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, "fixtures", name), "utf8");
}

test("a document that is right has no fault", () => {
  expect(check(fixture("right.md"))).toEqual([]);
});

test("each fault of a document is found, in its line", () => {
  const faults = check(fixture("wrong.md"));
  expect(faults.map((fault) => fault.split("\n")[0])).toEqual([
    "line 3: ended with 1 instead of 0:",
    "line 9: printed",
    "line 19: ended with 0 instead of 2:",
    "line 23: does not check:",
    "line 27: has no AF4001:",
    expect.stringMatching(/^line 31: is no JSON/),
    "line 35: has wrong types:",
  ]);
  expect(faults[1]).toBe("line 9: printed\nrun <id> took <duration>\ninstead of\nrun <id> failed");
});

test("blocks are found in lists, in tildes, in longer fences, and unclosed", () => {
  const markdown = [
    "1. do",
    "   ```sh no-run",
    "   echo 1",
    "     echo 2",
    "   ```",
    "~~~json",
    "```",
    "~~~",
    "````md",
    "```sh",
    "````",
    "    ```sh",
    "```text",
    "open",
  ].join("\n");
  expect(docBlocks(markdown)).toEqual([
    { language: "sh", words: ["no-run"], text: "echo 1\n  echo 2\n", line: 2 },
    { language: "json", words: [], text: "```\n", line: 6 },
    { language: "md", words: [], text: "```sh\n", line: 9 },
    { language: "text", words: [], text: "open\n", line: 13 },
  ]);
});

test("what differs from run to run is alike, what matters is not", () => {
  const actual = [
    "\u001B[32m✓\u001B[0m research   1.4s   $0.02",
    "run 01kajwhvc0zzzzzzzzzzzzzzzz at 2026-11-20T10:00:00.000Z",
    "plan 3f786850e387550fdab836ed7e6dc881de23001b",
    "a (b) [c] $d",
  ].join("\n");
  expect(looksLike(actual, actual.replace("1.4s", "210ms").replace("01ka", "01kb"))).toBe(true);
  expect(looksLike(actual, "✓ research 2s $0.02\n…\na (b) [c] $d\n")).toBe(true);
  expect(looksLike(actual, "✓ … $0.02\nrun …\n…")).toBe(true);
  expect(looksLike(actual, "…\na (b) …")).toBe(true);
  expect(looksLike(actual, "✓ research 2s $0.03\n…")).toBe(false);
  expect(looksLike(actual, "✓ research 2s $0.02")).toBe(false);
  expect(looksLike(actual, "research\n…")).toBe(false);
  expect(looksLike("", "")).toBe(true);
  expect(looksLike("more", "")).toBe(false);
});
