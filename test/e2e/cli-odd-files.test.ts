// Names on a command line that lead to something else than the file that was meant.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { agentflow, makeProject, startAgentflow } from "./command.ts";

const program = `flow echo(text: string, pause: duration) -> string { output: text }
flow ask(document: file) -> string { output: document.name }
`;

function scene(): string {
  const folder = makeProject({ "a.agentflow": program, plain: "no folder" });
  mkdirSync(join(folder, "folder"));
  symlinkSync("loop", join(folder, "loop"));
  return folder;
}

const long = "n".repeat(300);

test.each([
  [["init", "plain"], "a part of it is a file"],
  [["init", "plain/deeper"], "a part of it is a file"],
  [["check", "plain/a.agentflow"], "a part of it is a file"],
  [["check", "loop"], "symbolic links"],
  [["check", long], "the name is too long"],
  [["compile", "a.agentflow", "-o", "plain/plan.json"], "a part of it is a file"],
  [["compile", "a.agentflow", "-o", "folder"], "is a folder, not a file"],
  [["run", "folder"], "is a folder, not a program"],
  [["run", "a.agentflow#echo", "--input", "folder"], "folder is a folder, not a file"],
  [["run", "a.agentflow#ask", "--document", "folder"], "folder is a folder, not a file"],
  [["run", "a.agentflow#ask", "--mock-script", "folder", "--document", "plain"], "is a folder"],
  [["runs", "list", "--store", "folder"], "is a folder, not a file"],
  [["run", "a.agentflow#ask", "--document", "plain", "--store", "folder"], "is a folder, not a"],
] as const)("%j is refused in words", async (words, message) => {
  const folder = scene();
  const told = await agentflow(folder, words);
  expect(told).toMatchObject({ exitCode: 2, out: "" });
  expect(told.err).toContain(message);
  const json = await agentflow(folder, words[0] === "compile" ? words : [...words, "--json"]);
  if (words[0] === "compile") return;
  expect(json).toMatchObject({ exitCode: 2, err: "" });
  expect(JSON.parse(json.out)).toMatchObject({
    error: { message: expect.stringContaining(message) },
  });
});

test.runIf(process.platform === "linux")(
  "where no folder can be made, init says so instead of trying for ever",
  async () => {
    const told = await agentflow(scene(), ["init", "/proc/agentflow-project"]);
    expect(told).toMatchObject({ exitCode: 2, out: "" });
    expect(told.err).toBe("error: the folder /proc/agentflow-project can't be made there\n");
  },
);

test("a file of parameters may begin with a byte order mark; a duration in it is a number", async () => {
  const folder = scene();
  const input = (pause: string): void =>
    writeFileSync(join(folder, "in.json"), `\uFEFF{ "text": "hi", "pause": ${pause} }`);
  input("5");
  const words = ["run", "a.agentflow#echo", "--input", "in.json"];
  expect(await agentflow(folder, words)).toMatchObject({ exitCode: 0, out: "hi\n" });
  input('"5m"');
  const told = await agentflow(folder, words);
  expect(told.exitCode).toBe(2);
  expect(told.err).toContain('--pause must be a whole number, not "5m"');
  expect(told.err).toContain("in JSON a number of milliseconds");
});

test("a hidden file is no suggestion for a name without a dot", async () => {
  const folder = makeProject({ ".agentflow/x": "", "notes.md": "" });
  expect((await agentflow(folder, ["check", "x.agentflow"])).err).toBe(
    "error: there is no file x.agentflow\n",
  );
});

test.each([
  [["check", "none.agentflow", "--format", "json"]],
  [["check", "none.agentflow", "--format=json"]],
  [["test", "none.agentflow", "--reporter", "json"]],
  [["runs", "--json"]],
  [["--nonsense", "--json"]],
])("%j answers with JSON on standard output", async (words) => {
  const told = await agentflow(scene(), words);
  expect(told).toMatchObject({ exitCode: 2, err: "" });
  expect(JSON.parse(told.out)).toHaveProperty("error.message");
});

test("a run of real models is not tried again with made-up answers", async () => {
  const folder = makeProject({
    "a.agentflow": `model fast { use: "openai/gpt-5-mini" }
agent greet(name: string) -> string { model: fast, prompt: "Greet \${name}." }
flow hello(name: string) -> string {
  step greeting = greet(name)
  output: greeting
}
`,
  });
  expect((await agentflow(folder, ["run", "a.agentflow", "--name", "a"])).exitCode).toBe(1);
  const letter = (await agentflow(folder, ["dead-letters", "list", "--ids"])).out.trim();
  for (const words of [
    ["retry", "last", "--mock"],
    ["dead-letters", "retry", letter, "--mock"],
  ]) {
    const told = await agentflow(folder, words);
    expect(told).toMatchObject({ exitCode: 4, out: "" });
    expect(told.err).toContain("began with real models and can't go on with made-up answers");
  }
});

test("an option in the place of a command is called an option", async () => {
  const told = await agentflow(scene(), ["--versio"]);
  expect(told.err).toContain("agentflow has no option --versio\n  did you mean --version?\n");
});

/** Another program that has a store locked, and lets go of it when told. */
async function lock(path: string, how: string): Promise<() => Promise<void>> {
  const script = `const database = new (require("libsql"))(${JSON.stringify(path)});
database.exec(${JSON.stringify(how)});
console.log("locked");
process.stdin.on("end", () => { database.exec("COMMIT"); process.exit(0); }).resume();`;
  const child = spawn(process.execPath, ["-e", script], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return async () => {
    child.stdin.end();
    await once(child, "close");
  };
}

test("a store that another program has locked is waited for aloud, and not for ever", async () => {
  const folder = makeProject({ "a.agentflow": program });
  const path = join(folder, "runs.db");
  const flags = ["--text", "hello", "--pause", "1s", "--store", path];
  const words = ["run", "a.agentflow#echo", ...flags];
  expect(await agentflow(folder, words)).toMatchObject({ exitCode: 0 });
  const letGo = await lock(path, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  const patient = startAgentflow(folder, words);
  await patient.says(`waiting for the store ${path}: another program may have locked it`);
  await letGo();
  expect(await patient.ended).toMatchObject({ exitCode: 0, out: "hello\n" });

  const end = await lock(path, "BEGIN IMMEDIATE");
  const refused = await agentflow(folder, [...words, "--json"]);
  await end();
  expect(refused.exitCode).toBe(4);
  expect(refused.err).toContain("waiting for the store");
  expect(JSON.parse(refused.out).error).toMatchObject({
    code: "store_busy",
    message: expect.stringContaining("close what has it open, then try again"),
  });
});
