// The completions as the shells themselves work them out. A shell that is not installed is reported as skipped; bash is required.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { commandTable } from "../command-table.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

/** What a person who has typed this line and presses Tab is offered, sorted. */
type Offer = (line: string, folder: string) => readonly string[];

const offers: Readonly<Record<string, Offer>> = {
  bash: (line, folder) => {
    const words = line.split(" ").map((word) => `'${word}'`);
    const script = `${bashCompletion(commandTable)}
COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}
"$(complete -p agentflow | sed 's/.*-F \\([^ ]*\\) .*/\\1/')"
printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf(run("bash", ["--norc", "-c", script], folder));
  },
  fish: (line, folder) => {
    writeFileSync(join(folder, ".script"), fishCompletion(commandTable));
    const words = `source .script; complete -C '${line}'`;
    return linesOf(run("fish", ["--no-config", "-c", words], folder)).map(
      (offered) => offered.split("\t")[0] ?? "",
    );
  },
  // A shell in a shell on a terminal of its own: only there zsh completes. What it matches is written down on the way.
  zsh: (line, folder) => {
    writeFileSync(join(folder, ".script"), zshCompletion(commandTable));
    writeFileSync(
      join(folder, ".setup"),
      `autoload -Uz compinit; compinit -u -D
source ./.script
compadd() {
  local -a hits
  if [[ \${@[(r)-[DOA]*]} == "" ]]; then builtin compadd -O hits "$@"; print -rl -- $hits >> .hits; fi
  builtin compadd "$@"
}
tried() { zle complete-word; exit }
zle -N tried
bindkey '^T' tried
`,
    );
    const script = `zmodload zsh/zpty
zpty child zsh -f -i
zpty -w child 'source ./.setup'
zpty -w -n child '${line}'$'\\x14'
while zpty -r child heard; do :; done`;
    run("zsh", ["-f", "-c", script], folder);
    const hits = join(folder, ".hits");
    return existsSync(hits) ? linesOf(readFileSync(hits, "utf8")) : [];
  },
};

function run(shell: string, words: readonly string[], folder: string): string {
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, HOME: folder, TERM: "xterm" };
  return execFileSync(shell, words, { cwd: folder, encoding: "utf8", env, timeout: 20_000 });
}

function linesOf(text: string): readonly string[] {
  return [...new Set(text.split("\n").filter((line) => line !== ""))].sort();
}

/** A folder with a program, another file, and a command that knows two runs. */
function scene(): string {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-completion-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "a.agentflow"), "");
  writeFileSync(join(folder, "notes.txt"), "");
  writeFileSync(
    join(folder, "agentflow"),
    '#!/bin/sh\n[ "$1" = runs ] && echo 01abc && echo 01abd\n',
  );
  chmodSync(join(folder, "agentflow"), 0o755);
  return folder;
}

function installed(shell: string): boolean {
  return spawnSync(shell, ["-c", "true"]).error === undefined;
}

test("bash is there to be asked", () => expect(installed("bash")).toBe(true));

describe.each(Object.keys(offers))("%s offers", (shell) => {
  test.skipIf(!installed(shell)).each([
    ["agentflow com", ["compile", "completion"]],
    ["agentflow runs ", ["events", "list", "output", "show"]],
    ["agentflow check --f", ["--fix", "--format"]],
    ["agentflow check --format ", ["github", "json", "sarif", "text"]],
    ["agentflow run ", ["a.agentflow"]],
    ["agentflow compile a.agentflow -o n", ["notes.txt"]],
    ["agentflow dead-letters list --status o", ["open"]],
    ["agentflow completion ", ["bash", "fish", "zsh"]],
    ["agentflow runs show ", ["01abc", "01abd"]],
    ["agentflow run a.agentflow --seed ", []],
  ])(
    "for `%s` what makes sense there",
    (line, words) => {
      expect(offers[shell]?.(line, scene())).toEqual(words);
    },
    30_000,
  );
});
