// Forking from the command line: parameters as flags, a step, an edited program, one fork per key.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { agentflow, makeProject } from "./command.ts";

const letter = `model fast { use: "openai/gpt-5-mini" }

agent draft(topic: string) -> string {
  model: fast
  prompt: "Write about \${topic}."
}

agent polish(text: string, tone: string) -> string {
  model: fast
  prompt: "Make this \${tone}: \${text}"
}

flow letter(topic: string, tone: string = "kind") -> string {
  step text = draft(topic)
  step polished = polish(text, tone)
  output: polished
}
`;

const answers = JSON.stringify({ draft: "Dear reader.", polish: "Dearest reader." });
const mock = ["--mock-script", "answers.json"];

test("a fork goes on from a step with edited parameters or an edited program", async () => {
  const folder = makeProject({ "letter.agentflow": letter, "answers.json": answers });
  await agentflow(folder, ["run", "letter.agentflow", ...mock, "--topic", "bees"]);
  writeFileSync(join(folder, "answers.json"), '{ "draft": "no", "polish": "Old chap!" }');
  const edited = await agentflow(folder, ["fork", "last", ...mock, "--tone", "brisk", "--json"]);
  expect(edited).toMatchObject({ exitCode: 0 });
  const document = JSON.parse(edited.out) as { readonly run: string };
  expect(document).toMatchObject({
    input: { topic: "bees", tone: "brisk" },
    output: "Old chap!",
    status: "succeeded",
  });
  expect(edited.err).toMatch(/^made run \S+ of \S+\n/);
  const events = await agentflow(folder, ["runs", "events", document.run, "--json"]);
  expect(events.out).not.toContain('"callee":"draft"');

  writeFileSync(
    join(folder, "letter.agentflow"),
    letter.replace("output: polished", "output: text"),
  );
  const words = ["fork", "last", ...mock, "--after", "letter.text"];
  const upgraded = await agentflow(folder, [...words, "--upgrade", "letter.agentflow"]);
  expect(upgraded).toMatchObject({ exitCode: 0, out: "Dear reader.\n" });
});

test("a key makes one fork; steps and parameters that are not there are refused in words", async () => {
  const folder = makeProject({ "letter.agentflow": letter, "answers.json": answers });
  const run = ["run", "letter.agentflow", ...mock, "--topic", "bees", "--json"];
  const first = JSON.parse((await agentflow(folder, run)).out) as { readonly run: string };
  const fork = ["fork", first.run, ...mock];
  const made = await agentflow(folder, [...fork, "--key", "a", "--json"]);
  const again = await agentflow(folder, [...fork, "--key", "a", "--json"]);
  expect(JSON.parse(again.out)).toMatchObject(JSON.parse(made.out) as object);
  expect(again.err).toContain("this key has made run");
  const nowhere = await agentflow(folder, [...fork, "--after", "letter.nowhere"]);
  expect(nowhere).toMatchObject({ exitCode: 4 });
  expect(nowhere.err).toContain("has finished no step at letter.nowhere");
  const unknown = await agentflow(folder, [...fork, "--colour", "red"]);
  expect(unknown).toMatchObject({ exitCode: 2 });
  expect(unknown.err).toContain("colour");
});
