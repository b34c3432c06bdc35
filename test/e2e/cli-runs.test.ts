// Runs from the command line, driven as processes: inputs, people, inspection, cancelling, killing and resuming.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { agentflow, makeProject, startAgentflow } from "./command.ts";

const hello = `model fast { use: "openai/gpt-5-mini" }

agent greet(name: string, times: int) -> string {
  model: fast
  prompt: "Greet \${name} \${times} times."
}

flow hello(name: string, times: int(1..3) = 1) -> string {
  step greeting = greet(name, times)
  output: greeting
}
`;

const approval = `model fast { use: "openai/gpt-5-mini" }
model editors { use: "human/inbox" }

type Decision = { choice: "approve" } | { choice: "edit", text: string }

agent draft(topic: string) -> string {
  model: fast
  prompt: "Write about \${topic}."
}

agent decide(text: string) -> Decision {
  model: editors
  prompt: "May this go out? \${text}"
  timeout: 24h
}

flow letter(topic: string) -> string {
  step text = draft(topic)
  step decision = decide(text)
  let final = match decision.choice {
    "approve" => text
    "edit" => "edited"
  }
  output: final
}
`.replace(
  / {2}let final[\s\S]*?\n {2}\}\n {2}output: final\n/,
  '  step final = match decision.choice {\n    "approve" => text\n    "edit" => decision.text\n  }\n  output: final\n',
);

const answers = JSON.stringify({ greet: "Hello Ada!", draft: "Dear reader." });

test("a detached run is started and left to a worker, or to resume", async () => {
  const folder = makeProject({ "hello.agentflow": hello });
  const words = ["run", "hello.agentflow", "--name", "Ada", "--mock", "--detach"];
  const detached = await agentflow(folder, words);
  expect(detached.exitCode).toBe(0);
  const id = detached.out.trim();
  expect(detached.err).toBe(
    `started hello; a worker of the store goes on with it, or agentflow resume\n  agentflow runs show ${id}\n`,
  );
  const before = await agentflow(folder, ["runs", "events", id]);
  expect(before.out.trim().split("\n")).toHaveLength(1);
  expect(before.out).toContain("run.created");
  expect((await agentflow(folder, ["resume"])).exitCode).toBe(0);
  expect((await agentflow(folder, ["runs", "output", id])).exitCode).toBe(0);
  const asJson = await agentflow(folder, [...words, "--json"]);
  expect(JSON.parse(asJson.out)).toEqual({ run: expect.any(String) as string, flow: "hello" });
  expect(asJson.err).toBe("");
  for (const [flag, ...value] of [["--watch"], ["--seed", "2"], ["--answer", "a=b"]])
    expect(await agentflow(folder, [...words, flag ?? "", ...value])).toMatchObject({
      exitCode: 2,
      err: `error: ${flag} holds as long as this process goes on, and --detach ends it\n  leave one of them out\n`,
    });
});

test("inputs come from flags, a file or standard input; the result alone goes to standard output", async () => {
  const folder = makeProject({
    "hello.agentflow": hello,
    "answers.json": answers,
    "ada.json": '{ "name": "Ada", "times": 2 }',
  });
  const words = ["run", "hello.agentflow", "--mock-script", "answers.json"];
  const byFlag = await agentflow(folder, [...words, "--name", "Ada"]);
  expect(byFlag).toMatchObject({ exitCode: 0, out: "Hello Ada!\n" });
  expect(byFlag.err).toContain("succeeded hello.greeting (greet)");
  const byFile = await agentflow(folder, [
    ...words,
    "--input",
    "ada.json",
    "--times",
    "3",
    "--json",
  ]);
  expect(JSON.parse(byFile.out)).toMatchObject({
    status: "succeeded",
    input: { name: "Ada", times: 3 },
    output: "Hello Ada!",
  });
  const byInput = await agentflow(folder, [...words, "--input", "-", "--quiet"], {
    input: '{ "name": "Ada" }',
  });
  expect(byInput).toMatchObject({ exitCode: 0, out: "Hello Ada!\n", err: "" });
});

test("a wrong input says which parameter, its type and an example, and makes no run", async () => {
  const folder = makeProject({ "hello.agentflow": hello });
  const missing = await agentflow(folder, ["run", "hello.agentflow", "--mock"]);
  expect(missing.exitCode).toBe(2);
  expect(missing.err).toBe(
    'error: flow hello needs --name\n  --name takes string, for example --name "some text"\n',
  );
  const range = await agentflow(folder, [
    "run",
    "hello.agentflow",
    "--name",
    "Ada",
    "--times",
    "9",
  ]);
  expect(range.err).toContain("error: --times must be at most 3, not 9");
  const type = await agentflow(folder, [
    "run",
    "hello.agentflow",
    "--name",
    "Ada",
    "--times",
    "two",
  ]);
  expect(type.err).toContain("--times can't be `two`");
  const flow = await agentflow(folder, ["run", "hello.agentflow#helo"]);
  expect(flow.err).toContain("did you mean hello.agentflow#hello?");
  const environment = await agentflow(folder, [
    "run",
    "hello.agentflow",
    "--name",
    "Ada",
    "--env",
    "x",
  ]);
  expect(environment.err).toContain("the program has no `config x { … }`");
  const answer = await agentflow(folder, [
    "run",
    "hello.agentflow",
    "--name",
    "Ada",
    "--answer",
    "greting=x",
  ]);
  expect(answer.err).toContain("did you mean greeting?");
  const place = await agentflow(folder, ["run", "."]);
  expect(place).toMatchObject({ exitCode: 2, out: "" });
  expect(existsSync(join(folder, ".agentflow"))).toBe(false);
});

test("a program with errors is not run, and a key that is missing is named", async () => {
  const folder = makeProject({
    "wrong.agentflow": hello.replace("greet(name, times)", "gret(name, times)"),
    "hello.agentflow": hello,
  });
  const wrong = await agentflow(folder, ["run", "wrong.agentflow", "--name", "Ada", "--mock"]);
  expect(wrong.exitCode).toBe(1);
  expect(wrong.err).toContain("AF2001");
  const keyless = await agentflow(folder, ["run", "hello.agentflow", "--name", "Ada", "--quiet"]);
  expect(keyless.exitCode).toBe(1);
  expect(keyless.err).toContain("OPENAI_API_KEY");
});

test("a question waits in the store and is answered by another command", async () => {
  const folder = makeProject({ "letter.agentflow": approval, "answers.json": answers });
  const asked = await agentflow(folder, [
    "run",
    "letter.agentflow",
    "--topic",
    "bees",
    "--mock-script",
    "answers.json",
  ]);
  expect(asked.exitCode).toBe(3);
  expect(asked.out).toBe("");
  expect(asked.err).toContain("May this go out? Dear reader.");
  const [command] = /agentflow answer \S+ \S+/.exec(asked.err) ?? [""];
  expect(readFileSync(join(folder, ".agentflow/.gitignore"), "utf8")).toBe("*\n");

  const listed = await agentflow(folder, ["answer"]);
  expect(listed.out).toContain(command);
  const wrong = await agentflow(folder, ["answer", "last", "--choice", "perhaps"]);
  expect(wrong.exitCode).toBe(2);
  expect(wrong.err).toContain('it takes "approve" | "edit"');
  const lacking = await agentflow(folder, ["answer", "last", "--choice", "edit"]);
  expect(lacking.exitCode).toBe(2);
  expect(lacking.err).toContain("error: letter.decision: --text is missing\n");
  const whole = await agentflow(folder, ["answer", "last", "--value", '{ "choice": "edit" }']);
  expect(whole.exitCode).toBe(2);
  expect(whole.err).toContain("the answer lacks `text`");
  const answered = await agentflow(folder, [
    ...command.split(" ").slice(1),
    "--choice",
    "edit",
    "--text",
    "Dear bees.",
  ]);
  expect(answered).toMatchObject({ exitCode: 0, out: "Dear bees.\n" });
  expect((await agentflow(folder, ["runs", "output", "last"])).out).toBe("Dear bees.\n");
  expect((await agentflow(folder, ["answer", "last", "--choice", "approve"])).exitCode).toBe(4);
});

test("an answer can be given in advance", async () => {
  const folder = makeProject({ "letter.agentflow": approval, "answers.json": answers });
  const run = await agentflow(folder, [
    "run",
    "letter.agentflow",
    "--topic",
    "bees",
    "--mock-script",
    "answers.json",
    "--answer",
    "decision=approve",
  ]);
  expect(run).toMatchObject({ exitCode: 0, out: "Dear reader.\n" });
});

test("runs are listed, shown and told event by event", async () => {
  const folder = makeProject({ "hello.agentflow": hello, "answers.json": answers });
  expect((await agentflow(folder, ["runs", "list"])).err).toBe("no runs\n");
  expect((await agentflow(folder, ["runs", "show", "last"])).exitCode).toBe(4);
  await agentflow(folder, [
    "run",
    "hello.agentflow",
    "--name",
    "Ada",
    "--mock-script",
    "answers.json",
    "--quiet",
  ]);
  const list = JSON.parse((await agentflow(folder, ["runs", "list", "--json"])).out) as {
    runs: { run: string }[];
  };
  expect(list.runs).toMatchObject([{ flow: "hello", status: "succeeded" }]);
  const id = list.runs[0]?.run ?? "";
  expect((await agentflow(folder, ["runs", "list", "--ids"])).out).toBe(`${id}\n`);
  expect((await agentflow(folder, ["runs", "list", "--status", "failed"])).err).toBe("no runs\n");
  const shown = await agentflow(folder, ["runs", "show", id.slice(-5)]);
  expect(shown.out).toContain("hello succeeded");
  expect(shown.out).toContain("✓ greeting greet");
  const events = (await agentflow(folder, ["runs", "events", "last", "--json"])).out
    .trim()
    .split("\n");
  expect(events.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual([
    "run.created",
    "run.started",
    "activity.started",
    "activity.succeeded",
    "run.ended",
  ]);
  const missing = await agentflow(folder, ["runs", "show", "zzzz"]);
  expect(missing).toMatchObject({ exitCode: 4 });
});

/** Two steps that write down when they begin; the second waits for a file to appear. */
const slow = {
  "slow.agentflow": `tool first(name: string) -> string {
  module: "./tools/work.ts#first"
  effect: "write"
  idempotency: true
}

tool undoFirst(name: string) {
  module: "./tools/work.ts#undoFirst"
  effect: "write"
  idempotency: true
}

tool second(name: string) -> string {
  module: "./tools/work.ts#second"
  effect: "read"
  timeout: 10m
}

flow job(name: string) -> string {
  step one = first(name) { undo: undoFirst(name) }
  step two = second(one)
  output: two
}
`,
  "tools/work.ts": `import { appendFileSync, existsSync } from "node:fs";
interface Context { readonly idempotencyKey: string; readonly signal: AbortSignal }
const log = process.env.WORK_LOG ?? "work.log";
function note(line: string): void { appendFileSync(log, line + "\\n"); }
export function first({ name }: { name: string }, { idempotencyKey }: Context): string { note("first " + idempotencyKey); return name + " one"; }
export function undoFirst({ name }: { name: string }): void { note("undo " + name); }
export async function second({ name }: { name: string }, { signal }: Context): Promise<string> {
  note("second");
  while (!existsSync("go")) {
    if (signal.aborted) throw new Error("stopped");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return name + " two";
}
`,
};

function workLog(folder: string): readonly string[] {
  return readFileSync(join(folder, "work.log"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");
}

async function untilSecond(folder: string): Promise<ReturnType<typeof startAgentflow>> {
  const running = startAgentflow(folder, ["run", "slow.agentflow", "--name", "a"]);
  await running.says("running   job.two");
  return running;
}

test("kill -9 in the middle, then resume: what was done is not done again", async () => {
  const folder = makeProject(slow);
  const running = await untilSecond(folder);
  running.process.kill("SIGKILL");
  expect((await running.ended).exitCode).toBe(137);
  expect(workLog(folder).filter((line) => line === "first")).toEqual(["first"]);
  writeFileSync(join(folder, "go"), "");
  const resumed = await agentflow(folder, ["resume", "last"]);
  expect(resumed).toMatchObject({ exitCode: 0, out: "a one two\n" });
  expect(workLog(folder).filter((line) => line === "first")).toEqual(["first"]);
  const kinds = (await agentflow(folder, ["runs", "events", "last", "--json"])).out;
  expect(kinds).toContain('"run.interrupted"');
  expect((await agentflow(folder, ["resume"])).err).toBe("no run was interrupted\n");
}, 60_000);

test("Ctrl-C cancels and compensates", async () => {
  const folder = makeProject(slow);
  const running = await untilSecond(folder);
  running.process.kill("SIGINT");
  const ended = await running.ended;
  expect(ended.exitCode).toBe(130);
  expect(ended.err).toContain("cancelled");
  expect(workLog(folder)).toEqual(["first", "second", "undo"]);
}, 60_000);

test.each(["two quick Ctrl-C leave", "a SIGTERM leaves"])(
  "%s the run as it is, and it can be resumed",
  async (how) => {
    const folder = makeProject(slow);
    const running = await untilSecond(folder);
    if (how.startsWith("two")) {
      running.process.kill("SIGINT");
      await running.says("Ctrl-C again stops at once");
      running.process.kill("SIGINT");
    } else {
      running.process.kill("SIGTERM");
    }
    const left = await running.ended;
    expect(left.exitCode).toBe(130);
    expect(left.err).toContain("left as it is\n  go on  agentflow resume");
    writeFileSync(join(folder, "go"), "");
    const resumed = await agentflow(folder, ["resume"]);
    expect(resumed.exitCode).toBe(0);
    expect(resumed.out).toContain("job succeeded");
    expect(workLog(folder).filter((line) => line === "first")).toEqual(["first"]);
  },
  60_000,
);

test("two processes use one store, and a run can be cancelled from the other", async () => {
  const folder = makeProject(slow);
  const running = await untilSecond(folder);
  const other = await agentflow(folder, ["cancel", "last", "--reason", "from outside"]);
  expect(other.exitCode).toBe(0);
  expect((await running.ended).exitCode).toBe(1);
  expect(workLog(folder)).toEqual(["first", "second", "undo"]);
}, 60_000);

test("a failed run is tried again, and keeps what had succeeded", async () => {
  const failing = slow["tools/work.ts"].replace(
    'note("second");',
    'note("second"); if (!existsSync("go")) throw new Error("not yet");',
  );
  const folder = makeProject({
    ...slow,
    "slow.agentflow": slow["slow.agentflow"]
      .replace(" { undo: undoFirst(name) }", "")
      .replace(/tool undoFirst[\s\S]*?\n\}\n\n/, ""),
    "tools/work.ts": failing,
  });
  const failed = await agentflow(folder, ["run", "slow.agentflow", "--name", "a"]);
  expect(failed.exitCode).toBe(1);
  expect(failed.err).toContain("agentflow retry");
  writeFileSync(join(folder, "go"), "");
  expect(await agentflow(folder, ["retry", "last"])).toMatchObject({
    exitCode: 0,
    out: "a one two\n",
  });
  expect(workLog(folder)).toEqual(["first", "second", "second"]);
}, 60_000);
