import { describe, expect, it } from "vitest";

import { startMs } from "../../test/simulation/drive.ts";
import type { Driven } from "../../test/simulation/drive.ts";
import {
  asks,
  fails,
  gives,
  helper,
  runAgent,
  says,
  use,
} from "../../test/simulation/one-agent.ts";
import {
  agent,
  field,
  model,
  name,
  param,
  retry,
  text,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";

describe("agents", () => {
  it("asks once and gives the checked answer", () => {
    const result = runAgent(helper(), [gives({ n: 3 })]);
    expect(result.output).toEqual({ n: 3 });
    expect(result.requests).toMatchObject([
      {
        path: "main.a@1",
        system: "Be kind.",
        messages: [{ role: "user", text: "Say hi" }],
        output: "score",
        maxOutputTokens: null,
        key: "run1:main.a@1",
      },
    ]);
  });

  it("gives plain text as it is", () => {
    expect(runAgent(helper({ returns: "text" }), [says("well")]).output).toBe("well");
  });

  it("lets the model repair an answer once", () => {
    const checks = [
      {
        message: "n is at least 5",
        test: {
          op: "greaterOrEqual",
          left: field(name("output"), "n"),
          right: value(5),
          as: "int",
        } as const,
      },
    ];
    const repaired = runAgent(helper({ checks }), [gives({ n: 1 }), gives({ n: 7 })]);
    expect(repaired.output).toEqual({ n: 7 });
    expect(repaired.requests[1]?.messages.at(-1)?.text).toContain("n is at least 5");
    expect(runAgent(helper({ checks }), [gives({ n: 1 }), gives({ n: -2 })]).error).toBe(
      "invalid_output",
    );
    expect(runAgent(helper(), [says("no JSON"), says("still none")]).error).toBe("invalid_output");
  });

  it("tries a model again, then its backups, then the agent as a whole", () => {
    const models = {
      fast: model({ backups: ["other"], retry: retry(2, { fromMs: 100, toMs: 100 }) }),
      other: model({ retry: retry(1) }),
    };
    const answers = [fails("unavailable"), fails("unavailable"), fails("timeout"), gives({ n: 1 })];
    const result = runAgent(
      { models, ...helper({ retry: retry(2, { fromMs: 50, toMs: 50 }) }) },
      answers,
    );
    expect(
      result.requests.map((request) => `${request.path} ${request.attempt} ${request.model}`),
    ).toEqual(["main.a@1 1 fast", "main.a@1 2 fast", "main.a@1 3 other", "main.a~2@1 1 fast"]);
    expect(runAgent({ models, ...helper() }, [fails("refused")]).error).toBe("refused");
    const open = runAgent({ models, ...helper() }, [fails("circuit_open"), gives({ n: 1 })]);
    expect(open.requests.map((request) => request.model)).toEqual(["fast", "other"]);
  });

  it("calls tools side by side and tells the model what they gave", () => {
    const program = {
      tools: {
        find: tool({
          params: [param("q"), param("k")],
          labels: { untrusted: true, private: false },
        }),
      },
      ...helper({ tools: [use("find", { fixed: { k: name("x") } })], maxTurns: 8 }),
    };
    const result = runAgent(program, [
      asks(["find", { q: "1" }], ["find", { q: "2" }], ["nope", {}], ["find", { z: 1 }]),
      { hit: 1 },
      fails("not_found"),
      gives({ n: 2 }),
    ]);
    expect(result.output).toEqual({ n: 2 });
    const tools = result.activities.filter((activity) => activity.kind === "tool");
    expect(tools.map((activity) => [activity.path, activity.arguments])).toEqual([
      ["main.a@1.find", { q: "1", k: "hi" }],
      ["main.a@1.find:2", { q: "2", k: "hi" }],
    ]);
    const told = result.requests[1]?.messages.slice(2).map((message) => message.text);
    expect(told).toEqual([
      '<untrusted-data>\n{"hit":1}\n</untrusted-data>',
      "Error not_found: not_found",
      "There is no tool nope.",
      "Error invalid_input: value lacks `q`; value has an unknown field `z`",
    ]);
  });

  it("ends when a tool that acts fails, or the turns are used up", () => {
    const program = (maxTurns: number) => ({
      tools: { send: tool({ params: [param("q")], effect: "send" }) },
      ...helper({ tools: [use("send")], maxTurns }),
    });
    expect(runAgent(program(8), [asks(["send", { q: "1" }]), fails("conflict")]).error).toBe(
      "tool_error",
    );
    const spent = runAgent(program(2), [asks(["send", { q: "1" }]), 1, asks(["send", { q: "2" }])]);
    expect([spent.error, spent.activities.length]).toEqual(["too_many_turns", 3]);
    const many = runAgent(program(2), [asks(["send", { q: "1" }], ["send", { q: "2" }])]);
    expect([many.error, many.activities.length]).toEqual(["too_many_turns", 1]);
  });

  it("gives a deed the same key when the agent is tried again and does the same", () => {
    const program = {
      tools: { send: tool({ params: [param("q")], effect: "send", idempotency: true }) },
      ...helper({ tools: [use("send")], maxTurns: 8, retry: retry(2, { retryOn: ["truncated"] }) }),
    };
    const result = runAgent(program, [
      asks(["send", { q: "1" }], ["send", { q: "1" }]),
      1,
      1,
      fails("truncated"),
      asks(["send", { q: "2" }], ["send", { q: "1" }]),
      1,
      1,
      gives({ n: 1 }),
    ]);
    const keys = result.activities.flatMap((activity) =>
      activity.kind === "tool" ? [activity.key] : [],
    );
    expect(keys[0]).toBe(keys[3]);
    expect(new Set(keys).size).toBe(3);
  });

  it("asks for permission before each call of a tool with confirm", () => {
    const people = model({ provider: "human", model: "inbox" });
    const boss = agent({
      params: [param("q")],
      model: "people",
      prompt: text("May I ", name("q"), "?"),
    });
    const program = {
      models: { fast: model(), people },
      tools: { pay: tool({ params: [param("q")], effect: "send", confirm: "boss" }) },
      agents: { ...helper({ tools: [use("pay")], maxTurns: 8 }).agents, boss },
    };
    const approve = (approved: boolean): Driven =>
      runAgent(
        program,
        [asks(["pay", { q: "1" }]), ...(approved ? [{ paid: true }] : []), gives({ n: 1 })],
        {
          meddle: (driver) => {
            if (driver.engine.awaits("main.a@1.pay!confirm"))
              driver.record({
                kind: "person.answered",
                path: "main.a@1.pay!confirm",
                value: { approved },
              });
          },
        },
      );
    expect(approve(true).activities.map((activity) => activity.path)).toEqual([
      "main.a@1",
      "main.a@1.pay!confirm",
      "main.a@1.pay",
      "main.a@2",
    ]);
    expect(approve(false).activities.map((activity) => activity.path)).toEqual([
      "main.a@1",
      "main.a@1.pay!confirm",
      "main.a@2",
    ]);
    expect(approve(true).activities[1]).toMatchObject({ kind: "person", question: "May I 1?" });
  });

  it("hands a conversation over, each arrow once", () => {
    const second = agent({ returns: "score", prompt: text("You help ", name("x")), doc: "Helps." });
    const program = { agents: { ...helper().agents, second } };
    const handoffs = { helper: ["second"], second: ["helper"] };
    const result = runAgent(
      program,
      [asks(["transfer_to_second", {}]), asks(["transfer_to_helper", {}]), gives({ n: 4 })],
      { callMore: { handoffs, maxHandoffs: 3 } },
    );
    expect(result.output).toEqual({ n: 4 });
    expect(
      result.requests.map((request) => [
        request.path,
        request.callee,
        request.tools.map((offered) => offered.name),
      ]),
    ).toEqual([
      ["main.a@1", "helper", ["transfer_to_second"]],
      ["main.a@2", "second", ["transfer_to_helper"]],
      ["main.a@3", "helper", []],
    ]);
    expect(result.requests[1]?.messages.map((message) => message.role)).toEqual([
      "user",
      "assistant",
      "tool",
      "user",
    ]);
  });

  it("asks a person until the answer fits, and only so long", () => {
    const program = {
      models: { fast: model({ provider: "human", model: "inbox" }) },
      ...helper({ timeoutMs: value(60_000) }),
    };
    const answers = [{ n: "many" }, { n: 5 }];
    const result = runAgent(program, [], {
      meddle: (driver) => {
        for (const value of answers)
          if (driver.engine.awaits("main.a"))
            driver.record({ kind: "person.answered", path: "main.a", value });
      },
    });
    expect(result.output).toEqual({ n: 5 });
    expect(result.activities[0]).toMatchObject({ kind: "person", dueAtMs: startMs + 60_000 });
    expect(result.effects.map((effect) => effect.kind)).toEqual(["ask-again", "withdraw"]);
    const late = runAgent(program, []);
    expect([late.error, late.effects[0]]).toEqual([
      "timeout",
      { kind: "withdraw", path: "main.a" },
    ]);
  });
});
