// 06: nothing is sent before a person has decided; the run waits in the store meanwhile.
import { afterEach, beforeEach, expect, test } from "vitest";

import { compile } from "../../compiler/index.ts";
import type { Json } from "../../plan/expression.ts";
import { runTest } from "../../testing/index.ts";
import { RecordingServer } from "./recording-server.ts";
import { inspect, programHost, startAndWait, withProgramRunner } from "./run-program.ts";
import type { Finished } from "./run-program.ts";

let server: RecordingServer;

beforeEach(async () => {
  server = await RecordingServer.start({ "POST /messages": { id: "m-1" } });
});

afterEach(async () => {
  await server.close();
});

async function decide(
  answer: Json,
): Promise<{ readonly asked: Finished; readonly ended: Finished; readonly question: string }> {
  const options = {
    program: "06-approval",
    flow: "answerQuestion",
    input: { sender: "ada@example.com", question: "When do you open?" },
    answers: { draftAnswer: "At nine." },
    variables: { MAIL_URL: server.url, MAIL_KEY: "k", API_TOKEN: "t" },
  };
  return await withProgramRunner(options, async (runner) => {
    const asked = await startAndWait(runner, options);
    expect(server.requests).toEqual([]);
    const [task] = await runner.tasks(asked.run.id);
    if (task === undefined) throw new Error("nobody is asked");
    expect(task).toMatchObject({ agent: "colleague", channel: "#answers" });
    const refused = await runner.answer(asked.run.id, task.path, { choice: "perhaps" });
    expect(refused.ok).toBe(false);
    expect(await runner.answer(asked.run.id, task.path, answer)).toMatchObject({ ok: true });
    await runner.wait(asked.run.id);
    return { asked, ended: await inspect(runner, asked.run.id), question: task.question };
  });
}

test("an approved draft goes out as it was written", async () => {
  const { asked, ended, question } = await decide({ choice: "approve" });
  expect(asked.run.status).toBe("waiting");
  expect(question).toContain("At nine.");
  expect(ended.run.output).toEqual({ choice: "approve", messageId: "m-1" });
  expect(server.requests.map(({ body }) => body)).toEqual([
    { to: "ada@example.com", text: "At nine." },
  ]);
  expect(server.requests[0]?.headers["idempotency-key"]).toContain(ended.run.id);
});

test("an edited answer goes out with the person's words", async () => {
  const { ended } = await decide({ choice: "edit", text: "We open at nine." });
  expect(server.requests.map(({ body }) => body)).toEqual([
    { to: "ada@example.com", text: "We open at nine." },
  ]);
  expect(
    ended.events.flatMap((event) => (event.kind === "person.answered" ? [event.value] : [])),
  ).toEqual([{ choice: "edit", text: "We open at nine." }]);
});

test("a rejected one sends nothing", async () => {
  const { ended } = await decide({ choice: "reject", reason: "Wrong tone." });
  expect(ended.run.output).toEqual({ choice: "reject", messageId: null });
  expect(server.requests).toEqual([]);
});

test("when nobody answers in time the lead is asked, and when the lead does not, nothing is sent", () => {
  const host = programHost("https://slack.com");
  const tests = `import { answerQuestion, colleague, draftAnswer, lead, sendMail } from "./06-approval"

test "the lead decides" {
  stub: {
    draftAnswer: "At nine."
    colleague: fail("timeout")
    lead: { choice: "approve" }
    sendMail: { id: "m-1" }
  }
  step result = answerQuestion("ada@example.com", question: "When?")
  expect result.messageId == "m-1"
  expect calls(lead) == 1
}

test "nobody decides" {
  stub: {
    draftAnswer: "At nine."
    colleague: fail("timeout")
    lead: fail("timeout")
    sendMail: { id: "m-1" }
  }
  step result = answerQuestion("ada@example.com", question: "When?")
  expect failed(result) == "timeout"
  expect calls(sendMail) == 0
}
`;
  const read = (path: string): string | null =>
    path === "scene.test.agentflow" ? tests : host.read(path);
  const compiled = compile({ read }, "scene.test.agentflow");
  expect(compiled.diagnostics).toEqual([]);
  expect(compiled.tests.flatMap((plan) => runTest(plan).failures)).toEqual([]);
});
