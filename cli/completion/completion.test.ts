import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { commandTable } from "../command-table.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

/** What bash offers for a line that ends with the word being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-completion-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "a.agentflow"), "");
  writeFileSync(join(folder, "notes.txt"), "");
  const line = words.map((word) => `'${word}'`).join(" ");
  const script = `${bashCompletion(commandTable)}
COMP_WORDS=(agentflow ${line}); COMP_CWORD=${words.length}
_agentflow
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" })
    .split("\n")
    .filter((word) => word !== "");
}

test("bash offers commands, their second words, options and choices", () => {
  expect(offered("com")).toEqual(["compile", "completion"]);
  expect(offered("runs", "")).toEqual(["list", "show", "events", "output"]);
  expect(offered("check", "--f")).toEqual(["--fix", "--format"]);
  expect(offered("check", "--format", "")).toEqual(["text", "json", "sarif", "github"]);
  expect(offered("dead-letters", "list", "--status", "o")).toEqual(["open"]);
});

test("bash offers programs where a program is wanted", () => {
  expect(offered("run", "")).toEqual(["a.agentflow"]);
  expect(offered("compile", "a.agentflow", "-o", "n")).toEqual(["notes.txt"]);
});

test("every command is in every script", () => {
  for (const { name } of commandTable) {
    const [first = "", second] = name.split(" ");
    expect(zshCompletion(commandTable)).toContain(`'${name}')`);
    expect(fishCompletion(commandTable)).toContain(`-a ${second ?? first} `);
  }
});
