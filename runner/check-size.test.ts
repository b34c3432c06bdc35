import { afterAll, expect, test } from "vitest";

import type { Json } from "../plan/expression.ts";
import {
  agent,
  block,
  call,
  callTool,
  flow,
  model,
  plan,
  solo,
  step,
  tool,
} from "../test/simulation/plan-builder.ts";
import { openRunner, type ModulePort } from "./index.ts";

const maxValueBytes = 1_000;
const large = "x".repeat(maxValueBytes);

const modules: ModulePort = {
  call: async () => ({ ok: true, value: [large] }),
  check: async () => null,
  close: async () => {},
};

const runner = await openRunner({
  store: ":memory:",
  variables: {},
  folder: "/",
  modules,
  maxValueBytes,
});
afterAll(() => runner.close());

test("no event and no file is larger than a value may be", async () => {
  const event = { topic: "t", data: { text: large } };
  await expect(runner.emit(event)).rejects.toThrow("the event t has more than 1000 bytes");
  await expect(runner.emit({ topic: "t", data: "small" })).resolves.toEqual({ delivered: 0 });
  const file = { name: "a.bin", mime: "application/octet-stream" };
  const tooMany = { ...file, bytes: new Uint8Array(maxValueBytes + 1) };
  await expect(runner.storeFile(tooMany)).rejects.toThrow(
    "the file a.bin has more than 1000 bytes",
  );
  await expect(
    runner.storeFile({ ...file, bytes: new Uint8Array(maxValueBytes) }),
  ).resolves.toMatchObject({
    size: maxValueBytes,
  });
});

async function startWaiting(program: ReturnType<typeof plan>): Promise<string> {
  const started = await runner.start({ plan: program, flow: "main", input: {} });
  if (!started.ok) throw new Error(started.message);
  await runner.wait(started.run, { untilWaiting: true });
  return started.run;
}

test("no answer of a person is, and the question stays open", async () => {
  const program = plan({
    models: { person: model({ provider: "human" }) },
    agents: { ask: agent({ model: "person" }) },
    flows: { main: flow("main", block([step("said", call({ kind: "agent", name: "ask" }))])) },
  });
  const run = await startWaiting(program);
  const [task] = await runner.tasks(run);
  const answer = (value: Json) => runner.answer(run, task?.path ?? "", value);
  expect(await answer(large)).toMatchObject({
    ok: false,
    code: "invalid_input",
    message: "the answer has more than 1000 bytes",
  });
  expect(await answer("fine")).toMatchObject({ ok: true });
  expect(await runner.wait(run)).toMatchObject({ status: "succeeded" });
});

test("what a tool gives is refused as before", async () => {
  const program = plan({
    tools: { t: tool() },
    flows: { main: flow("main", solo(callTool("t"))) },
  });
  const run = await startWaiting(program);
  expect(await runner.wait(run)).toMatchObject({
    status: "failed",
    error: { code: "invalid_output", message: "t answered more than 1000 bytes" },
  });
});
