// The tree of steps on a real pseudo-terminal: drawn over while it runs, whole at the end.
import { spawnSync } from "node:child_process";
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
