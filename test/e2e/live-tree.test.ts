// The tree of steps on a real pseudo-terminal: drawn over while it runs, whole at the end.
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

import { expect, test } from "vitest";

import { makeProject } from "./command.ts";

const command = join(import.meta.dirname, "../../dist/cli/main.js");

const program = `model fast { use: "openai/gpt-5-mini" }

agent greet(name: string) -> string {
  model: fast
  prompt: "Greet \${name}."
}

flow party(names: string[..5]) -> string[] {
  step greetings = for name in names {
    key: name
    greet(name)
  }
  output: greetings
}
`;

/** Debian's `script` gives a command a terminal of its own and prints what it wrote. */
const hasScript = spawnSync("bash", ["-c", "script --version"]).status === 0;

test.runIf(hasScript)("steps are drawn over, and the picture that stays shows all of them", () => {
  const folder = makeProject({
    "party.agentflow": program,
    "answers.json": '{ "greet": "Hello!" }',
  });
  const line = `${process.execPath} ${command} run party.agentflow --names Ada Bob --mock-script answers.json`;
  const { stdout, status } = spawnSync(
    "bash",
    ["-c", `script --quiet --return --command 'stty cols 70 rows 20; ${line}' /dev/null`],
    {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: folder, TERM: "xterm-256color" },
      input: "",
    },
  );
  expect(status).toBe(0);
  expect(stdout).toContain("\u001B[?25l");
  expect(stdout).toContain("\u001B[?25h");
  const last = stdout
    .slice(stdout.lastIndexOf("\u001B[?25l"))
    .replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, "");
  const plain = stdout.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, "");
  expect(plain).toContain("✓ greetings");
  expect(plain).toContain("✓ [Ada]");
  expect(plain).toContain("✓ [Bob]");
  expect(plain).toContain("✓ succeeded");
  expect(last).toContain('"Hello!"');
  for (const row of plain.split(/\r?\n/)) expect([...row].length).toBeLessThanOrEqual(70);
});

const letter = `model editors { use: "human/inbox" }

type Decision = { choice: "approve" } | { choice: "edit", text: string }

agent decide(text: string) -> Decision { model: editors, prompt: "May \${text} go out?", timeout: 24h }

flow letter(text: string) -> string {
  step decision = decide(text)
  step final = match decision.choice {
    "approve" => text
    "edit" => decision.text
  }
  output: final
}
`;

/** Types each answer when its question has appeared; gives what the terminal showed, and the exit code. */
async function converse(
  folder: string,
  words: string,
  answers: readonly (readonly [string, string])[],
): Promise<{ readonly shown: string; readonly exitCode: number | null }> {
  const line = `script --quiet --return --command 'stty cols 70 rows 20; ${process.execPath} ${command} ${words}' /dev/null`;
  const child = spawn("bash", ["-c", line], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, TERM: "xterm-256color" },
  });
  const left = [...answers];
  let shown = "";
  let heard = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    const [next] = left;
    const at = next === undefined ? -1 : shown.indexOf(next[0], heard);
    if (next === undefined || at < 0) return;
    heard = at + next[0].length;
    left.shift();
    child.stdin.write(next[1]);
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { shown: shown.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, ""), exitCode };
}

test.runIf(hasScript)("people are asked on the terminal, field by field", async () => {
  const folder = makeProject({ "letter.agentflow": letter });
  const { shown, exitCode } = await converse(folder, "run letter.agentflow --text hello", [
    ["choice (", "perhaps\r"],
    ["choice (", "e\r"],
    ["text (", "Better words\r"],
  ]);
  expect(shown).toContain("May hello go out?");
  expect(shown).toContain("choice can't be `perhaps`");
  expect(shown).toContain("✓ succeeded");
  expect(shown.trimEnd().split(/\r?\n/).at(-1)).toBe("Better words");
  expect(exitCode).toBe(0);
});

test.runIf(hasScript)(
  "Ctrl-C in a question cancels the run, Ctrl-D leaves the question open",
  async () => {
    const folder = makeProject({ "letter.agentflow": letter });
    const cancelled = await converse(folder, "run letter.agentflow --text hello", [
      ["choice (", "\u0003"],
    ]);
    expect(cancelled.exitCode).toBe(130);
    expect(cancelled.shown).toContain("⊘ cancelled");
    const left = await converse(folder, "run letter.agentflow --text hello", [
      ["choice (", "\u0004"],
    ]);
    expect(left.exitCode).toBe(3);
    expect(left.shown).toContain("agentflow answer");
    const answered = await converse(folder, "answer last", [["choice (", "\u0003"]]);
    expect(answered.exitCode).toBe(130);
  },
);
