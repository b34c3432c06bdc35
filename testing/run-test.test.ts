import { expect, test } from "vitest";

import type { Expression, Json } from "../plan/expression.ts";
import { planHash } from "../plan/hash.ts";
import type { AgentPlan, CallPlan, FlowPlan, Plan, Program } from "../plan/plan.ts";
import type { ExpectPlan, StubPlan, TestPlan } from "../plan/test-plan.ts";
import { runTest } from "./run-test.ts";
import type { TestOptions } from "./run-test.ts";
import type { TestResult } from "./test-result.ts";

const value = (of: Json): Expression => ({ op: "value", value: of });
const name = (of: string): Expression => ({ op: "name", name: of });

const retry = {
  attempts: value(3),
  backoff: { fromMs: value(60_000), toMs: value(60_000) },
  retryOn: ["unavailable"],
};

const agent: AgentPlan = {
  params: [{ name: "name", schema: "string" }],
  returns: "string",
  model: "fast",
  prompt: name("name"),
  examples: [],
  tools: [],
  maxTurns: 1,
  checks: [],
  skills: [],
  retry,
  timeoutMs: value(5_000),
  labels: { untrusted: false, private: false },
};

const call: CallPlan = {
  kind: "call",
  callee: { kind: "agent", name: "greet" },
  arguments: { name: name("name") },
  input: "Input",
};

const flow: FlowPlan = {
  name: "hello",
  params: [{ name: "name", schema: "string" }],
  input: "Input",
  returns: "string",
  body: {
    lets: [],
    steps: [
      {
        name: "greeting",
        path: "hello.greeting",
        phase: 0,
        waits: [],
        schema: "string",
        action: call,
      },
    ],
    output: name("greeting"),
    outputWaits: [],
  },
  states: [],
  triggers: [],
  effects: { acts: false, sends: false },
  bounds: {
    agentCalls: 1,
    modelRequests: 1,
    toolCalls: 0,
    humanTasks: 0,
    tokens: null,
    cost: null,
    timeMs: null,
  },
  runnable: true,
};

const program: Program = {
  config: {},
  environments: {},
  schemas: {
    string: { type: "string" },
    Input: {
      type: "object",
      properties: { name: { type: "string" } },
      required: ["name"],
      additionalProperties: false,
    },
  },
  models: { fast: { provider: "mock", model: "m", backups: [], retry, timeoutMs: 1_000 } },
  roles: {},
  agents: { greet: agent },
  tools: {},
  flows: { hello: flow },
};

const plan: Plan = {
  format: "agentflow.plan",
  version: 1,
  hash: planHash(program),
  program,
  source: { files: [], spans: {} },
};

function equals(left: Expression, right: Json): ExpectPlan {
  return { condition: { op: "equal", left, right: value(right) }, text: "as written", line: 9 };
}

function run(
  scene: {
    readonly greet?: StubPlan;
    readonly expects: readonly ExpectPlan[];
    readonly steps?: readonly string[];
    readonly replay?: string;
  },
  options?: TestOptions,
): TestResult {
  const test: TestPlan = {
    title: "a test",
    file: "a.test.agentflow",
    line: 1,
    plan,
    stubs: scene.greet === undefined ? {} : { greet: scene.greet },
    config: {},
    steps: (scene.steps ?? ["result"]).map((step) => ({
      name: step,
      flow: "hello",
      arguments: { name: value("Ada") },
      line: 3,
    })),
    expects: scene.expects,
    ...(scene.replay === undefined ? {} : { replay: scene.replay }),
  };
  return runTest(test, options);
}

const hello: StubPlan = { kind: "value", value: value("Hello!") };
const down: StubPlan = { kind: "fail", code: "unavailable", message: "down" };

test("a stub answers, and calls and steps are known by name", () => {
  const result = run({
    greet: hello,
    expects: [
      equals(name("result"), "Hello!"),
      equals(name("calls(greet)"), 1),
      equals(name("ran(hello.greeting)"), true),
      equals(name("ran(hello.other)"), false),
      equals(name("failed(result)"), null),
    ],
  });
  expect(result).toMatchObject({ passed: true, failures: [], virtualMs: 0 });
});

test("an expectation that does not hold says what came and what was expected", () => {
  const result = run({
    greet: hello,
    expects: [
      equals(name("result"), "Bye!"),
      { condition: { op: "not", of: value(true) }, text: "!true", line: 10 },
    ],
  });
  expect(result.failures).toEqual([
    { line: 9, text: "as written", message: "the values differ", got: "Hello!", expected: "Bye!" },
    { line: 10, text: "!true", message: "true is true" },
  ]);
  expect(result.runs[0]?.events.at(-1)?.kind).toBe("run.ended");
});

test("attempts are the engine's, and their pauses take no time", () => {
  const result = run({
    greet: { kind: "sequence", items: [down, down, hello] },
    expects: [equals(name("calls(greet)"), 3), equals(name("result"), "Hello!")],
  });
  expect(result).toMatchObject({ passed: true, failures: [] });
  expect(result.virtualMs).toBe(120_000);
});

test("a failed run has a code and no value", () => {
  const result = run({
    greet: down,
    expects: [equals(name("failed(result)"), "unavailable"), equals(name("result"), "Hello!")],
  });
  expect(result.failures).toEqual([
    {
      line: 9,
      text: "as written",
      message: "result has no value: it failed with unavailable (down)",
    },
  ]);
});

test("a failure without words is told by its code alone", () => {
  const result = run({
    greet: { kind: "fail", code: "unavailable", message: "" },
    expects: [equals(name("result"), "Hello!")],
  });
  expect(result.failures.map(({ message }) => message)).toEqual([
    "result has no value: it failed with unavailable",
  ]);
});

test("a slow answer meets the timeout, a costly one is spent", () => {
  const slow = run({
    greet: { kind: "slow", delayMs: 9_000, then: hello },
    expects: [equals(name("failed(result)"), "timeout")],
  });
  expect(slow.failures).toEqual([]);
  const costly = run({
    greet: { kind: "costs", amount: 0.25, then: hello },
    expects: [equals(name("spent(result)"), 0.25)],
  });
  expect(costly.failures).toEqual([]);
});

test("a sequence goes on from run to run", () => {
  const items = ["one", "two", "three"].map((text): StubPlan => ({
    kind: "value",
    value: value(text),
  }));
  const result = run({
    greet: { kind: "sequence", items },
    steps: ["first", "second"],
    expects: [
      equals(name("first"), "one"),
      equals(name("second"), "two"),
      equals(name("calls(greet)"), 2),
    ],
  });
  expect(result.failures).toEqual([]);
});

test("what no stub answers, a recording does", () => {
  const outcome = {
    seq: 4,
    atMs: 1,
    kind: "activity.succeeded",
    path: "hello.greeting@1",
    attempt: 1,
    output: { text: "Recorded.", calls: [] },
  };
  const recorded = run(
    { expects: [equals(name("result"), "Recorded.")], replay: "run.jsonl" },
    { readReplay: (path) => (path === "run.jsonl" ? `${JSON.stringify(outcome)}\n` : null) },
  );
  expect(recorded.failures).toEqual([]);
  const missing = run({ expects: [], replay: "gone.jsonl" });
  expect(missing.failures).toMatchObject([
    { line: 1, message: "gone.jsonl can't be replayed: there is no such file" },
  ]);
});
