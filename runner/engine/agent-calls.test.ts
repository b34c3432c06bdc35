import { describe, expect, it } from "vitest";

import type { Program } from "../../plan/plan.ts";
import { drive, startMs } from "../../test/simulation/drive.ts";
import type { Answer } from "../../test/simulation/drive.ts";
import { fails, gives, helper, runAgent, says, schemas } from "../../test/simulation/one-agent.ts";
import {
  agent,
  block,
  call,
  flow,
  model,
  name,
  param,
  plan,
  retry,
  step,
  value,
} from "../../test/simulation/plan-builder.ts";
import type { Activity, ModelActivity } from "./activity.ts";

describe("budgets", () => {
  const models = { fast: model({ price: { input: 1, output: 10 }, maxOutput: 100 }) };

  it("reserves a request before it is made, and does not make what does not fit", () => {
    const enough = runAgent({ models, ...helper() }, [gives({ n: 1 })], {
      callMore: { budget: { cost: value(0.01) } },
    });
    expect([enough.status, enough.requests[0]?.maxOutputTokens]).toEqual(["succeeded", 100]);
    const tooLittle = runAgent({ models, ...helper() }, [gives({ n: 1 })], {
      callMore: { budget: { cost: value(0.001) } },
    });
    expect([tooLittle.error, tooLittle.activities.length]).toEqual(["budget_exceeded", 0]);
    const tokens = runAgent({ models, ...helper() }, [gives({ n: 1 })], {
      callMore: { budget: { tokens: value(50) }, fallback: block([], value({ n: 0 })) },
    });
    expect(tokens.output).toEqual({ n: 0 });
  });

  it("counts what was spent, also by failed requests", () => {
    const spent = { tokensIn: 10, tokensOut: 10, cost: 0.004 };
    const answers: Answer[] = [
      { ok: false, code: "timeout", spent },
      { ok: false, code: "timeout", spent },
    ];
    const result = runAgent({ models, ...helper() }, answers, {
      callMore: { budget: { cost: value(0.006) } },
    });
    expect([result.error, result.requests.length, result.engine.spent]).toEqual([
      "budget_exceeded",
      2,
      { cost: 0.008, tokensIn: 20, tokensOut: 20 },
    ]);
  });

  it("of a flow skips the fallbacks of its steps", () => {
    const body = block(
      [
        step(
          "a",
          call(
            { kind: "agent", name: "helper" },
            { x: value("hi") },
            { fallback: block([], value("step")) },
          ),
        ),
      ],
      name("a"),
    );
    const main = flow("main", body, {
      budget: { cost: value(0.0001) },
      fallback: block([], value("flow")),
    });
    expect(drive(plan({ flows: { main }, models, schemas, ...helper() })).output).toBe("flow");
  });

  it("in time includes waiting", () => {
    const result = runAgent({ models, ...helper() }, [fails("unavailable"), gives({ n: 1 })], {
      callMore: { budget: { timeMs: value(10) } },
      takes: () => 20,
    });
    expect([result.error, result.engine.lastAtMs - startMs]).toEqual(["budget_exceeded", 10]);
  });
});

describe("stubs, cache, roles, memory", () => {
  it("answers with stubs instead of agents, one a call", () => {
    const stub = {
      kind: "sequence",
      items: [
        { kind: "fail", code: "unavailable", message: "down" },
        { kind: "costs", amount: 0.5, then: { kind: "value", value: value({ n: 9 }) } },
      ],
    } as const;
    const result = runAgent(helper({ retry: retry(2) }), [], { stubs: { helper: stub } });
    expect([result.output, result.engine.spent.cost, result.activities.length]).toEqual([
      { n: 9 },
      0.5,
      2,
    ]);
    const broke = runAgent(helper({ retry: retry(2) }), [], {
      stubs: { helper: stub },
      callMore: { budget: { cost: value(0.4) } },
    });
    expect([broke.error, broke.activities.length]).toEqual(["budget_exceeded", 1]);
  });

  it("looks a call up in the cache, and keeps what it gave", () => {
    const program = helper({ cache: { ttlMs: 1000 } });
    const miss = runAgent(program, [gives({ n: 1 })]);
    expect(miss.activities.map((activity) => activity.path)).toEqual(["main.a!cache", "main.a@1"]);
    const [kept] = miss.effects.filter((effect) => effect.kind === "remember");
    expect(kept).toMatchObject({ value: { n: 1 }, ttlMs: 1000 });
    const hit = runAgent(program, [], { cached: { n: 2 } });
    expect([hit.output, hit.activities.length]).toEqual([{ n: 2 }, 1]);
  });

  it("takes the filler of a role that has least to do and was not found unavailable", () => {
    const roles: Program["roles"] = {
      r: {
        fillers: [
          { kind: "agent", name: "one", skills: [] },
          { kind: "agent", name: "two", skills: ["sql"] },
        ],
      },
    };
    const ask = (requires: readonly string[] = []) =>
      call({ kind: "role", role: "r", requires }, { x: value(1) }, { retry: retry(2) });
    const steps = [
      step("a", ask()),
      step("b", ask()),
      step("c", ask(["sql"])),
      step("d", ask(), ["a", "b", "c"]),
    ];
    const made = plan({
      flows: { main: flow("main", block(steps, name("d"))) },
      schemas,
      roles,
      agents: { one: agent({ returns: "text" }), two: agent({ returns: "text" }) },
      models: { fast: model({ retry: retry(1) }) },
    });
    const result = drive(made, {
      answer: (activity) => (activity.callee === "one" ? fails("unavailable") : says("ok")),
    });
    expect(result.activities.map((activity) => `${activity.path} ${activity.callee}`)).toEqual([
      "main.a@1 one",
      "main.b@1 two",
      "main.c@1 two",
      "main.a~2@1 two",
      "main.d@1 two",
    ]);
  });

  it("reads a conversation from a state, and adds to it on success", () => {
    const states = [
      { name: "talk", schema: "any", initial: value([]), per: name("user"), maxItems: 3 },
    ];
    const body = block(
      [step("a", call({ kind: "agent", name: "helper" }, { x: value("hi") }, { memory: "talk" }))],
      name("a"),
    );
    const made = plan({
      flows: { main: flow("main", body, { params: [param("user")], states }) },
      schemas,
      ...helper({ returns: "text" }),
    });
    const stored = {
      value: [
        { role: "user", text: "old" },
        { role: "assistant", text: "yes" },
      ],
      atMs: startMs,
    };
    const result = drive(made, {
      input: { user: "u1" },
      states: [{ name: "talk", key: "u1", stored }],
      answer: () => says("new"),
    });
    const asked = result.activities[0] as ModelActivity;
    expect(asked.messages.map((message) => message.text)).toEqual(["old", "yes", "Say hi"]);
    const [write] = result.effects.filter((effect) => effect.kind === "store-state");
    expect(write).toMatchObject({
      flow: "main",
      name: "talk",
      key: "u1",
      value: [
        { text: "yes" },
        { role: "user", text: "Say hi" },
        { role: "assistant", text: "new" },
      ],
    });
    expect(result.engine.state.created?.input).toEqual({ user: "u1" });
  });
});

describe("states", () => {
  const program = (more: object = {}) =>
    plan({
      flows: {
        main: flow(
          "main",
          block(
            [step("a", call({ kind: "agent", name: "helper" }, { x: name("memo") }))],
            name("a"),
          ),
          {
            params: [param("user")],
            states: [
              {
                name: "memo",
                schema: "text",
                initial: value("fresh"),
                per: name("user"),
                next: name("a"),
                idleMs: 1000,
                onIdle: block(
                  [step("c", call({ kind: "agent", name: "helper" }, { x: name("memo") }))],
                  name("c"),
                ),
                ...more,
              },
            ],
          },
        ),
      },
      schemas,
      ...helper({ returns: "text" }),
    });
  const asked = (activity: Activity | undefined): string =>
    activity?.kind === "model" ? (activity.messages[0]?.text ?? "") : "";

  it("begin with their initial value, and keep the next one", () => {
    const result = drive(program(), { input: { user: "u" }, answer: () => says("later") });
    expect(asked(result.activities[0])).toBe("Say fresh");
    expect(result.effects).toMatchObject([{ kind: "store-state", value: "later", key: "u" }]);
    expect(
      drive(program(), { input: { user: "u" }, answer: () => fails("refused") }).effects.map(
        (effect) => effect.kind,
      ),
    ).toEqual(["dead-letter"]);
  });

  it("are renewed by onIdle after a time without a run", () => {
    const states = (atMs: number) => [{ name: "memo", key: "u", stored: { value: "old", atMs } }];
    const idle = drive(program(), {
      input: { user: "u" },
      states: states(startMs - 1000),
      answer: (activity) => says(`${asked(activity)}!`),
    });
    expect(idle.activities.map((activity) => [activity.path, asked(activity)])).toEqual([
      ["main.memo!idle.c@1", "Say old"],
      ["main.a@1", "Say Say old!"],
    ]);
    expect(
      drive(program(), {
        input: { user: "u" },
        states: states(startMs - 999),
        answer: () => says("x"),
      }).activities,
    ).toHaveLength(1);
    expect(
      drive(program(), {
        input: { user: "u" },
        states: [{ name: "memo", key: "u", stored: { value: 5, atMs: startMs } }],
      }).error,
    ).toBe("invalid_input");
  });
});
