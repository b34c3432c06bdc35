import { describe, expect, it } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { AgentPlan, Program, ToolUse } from "../../plan/plan.ts";
import { drive, startMs } from "../../test/simulation/drive.ts";
import type { Answer, DriveOptions, Driven } from "../../test/simulation/drive.ts";
import { agent, block, call, field, flow, model, name, param, plan, retry, step, text, tool, value } from "../../test/simulation/plan-builder.ts";
import type { Activity, ModelActivity } from "./activity.ts";

const schemas: Program["schemas"] = {
  text: { type: "string" },
  score: { type: "object", properties: { n: { type: "integer", minimum: 0 } }, required: ["n"], additionalProperties: false },
  query: { type: "object", properties: { q: { type: "string" } }, required: ["q"], additionalProperties: false },
};
const says = (text: string, more: { readonly [key: string]: Json } = {}): Answer => ({ ok: true, value: { text, calls: [], ...more } });
const gives = (result: Json): Answer => says(JSON.stringify(result), { value: result });
const asks = (...calls: readonly (readonly [string, Json])[]): Answer => ({ ok: true, value: { text: "", calls: calls.map(([tool, args], index) => ({ id: `c${index}`, name: tool, arguments: args })) } });
const fails = (code: string): Answer => ({ ok: false, code });
const use = (callee: string, more: Partial<ToolUse> = {}): ToolUse => ({ kind: "tool", callee, input: "query", fixed: {}, ...more });

function run(program: Partial<Program>, answers: readonly (Answer | Json)[], options: DriveOptions & { readonly callMore?: object } = {}): Driven & { readonly requests: readonly ModelActivity[] } {
  const body = block([step("a", call({ kind: "agent", name: "helper" }, { x: value("hi") }, options.callMore ?? {}))], name("a"));
  const made = plan({ flows: { main: flow("main", body, options.flow === undefined ? {} : {}) }, schemas, ...program });
  const left = [...answers];
  const result = drive(made, { answer: () => left.shift() ?? null, ...options, flow: "main" });
  return { ...result, requests: result.activities.filter((activity): activity is ModelActivity => activity.kind === "model") };
}

const helper = (more: Partial<AgentPlan> = {}): { readonly agents: Program["agents"] } => ({ agents: { helper: agent({ returns: "score", prompt: text("Say ", name("x")), system: value("Be kind."), ...more }) } });

describe("agents", () => {
  it("asks once and gives the checked answer", () => {
    const result = run(helper(), [gives({ n: 3 })]);
    expect(result.output).toEqual({ n: 3 });
    expect(result.requests).toMatchObject([{ path: "main.a@1", system: "Be kind.", messages: [{ role: "user", text: "Say hi" }], output: "score", maxOutputTokens: null, key: "run1:main.a@1" }]);
  });

  it("gives plain text as it is", () => {
    expect(run(helper({ returns: "text" }), [says("well")]).output).toBe("well");
  });

  it("lets the model repair an answer once", () => {
    const checks = [{ message: "n is at least 5", test: { op: "greaterOrEqual", left: field(name("output"), "n"), right: value(5), as: "int" } as const }];
    const repaired = run(helper({ checks }), [gives({ n: 1 }), gives({ n: 7 })]);
    expect(repaired.output).toEqual({ n: 7 });
    expect(repaired.requests[1]?.messages.at(-1)?.text).toContain("n is at least 5");
    expect(run(helper({ checks }), [gives({ n: 1 }), gives({ n: -2 })]).error).toBe("invalid_output");
    expect(run(helper(), [says("no JSON"), says("still none")]).error).toBe("invalid_output");
  });

  it("tries a model again, then its backups, then the agent as a whole", () => {
    const models = { fast: model({ backups: ["other"], retry: retry(2, { fromMs: 100, toMs: 100 }) }), other: model({ retry: retry(1) }) };
    const answers = [fails("unavailable"), fails("unavailable"), fails("timeout"), gives({ n: 1 })];
    const result = run({ models, ...helper({ retry: retry(2, { fromMs: 50, toMs: 50 }) }) }, answers);
    expect(result.requests.map((request) => `${request.path} ${request.attempt} ${request.model}`)).toEqual(["main.a@1 1 fast", "main.a@1 2 fast", "main.a@1 3 other", "main.a~2@1 1 fast"]);
    expect(run({ models, ...helper() }, [fails("refused")]).error).toBe("refused");
    const open = run({ models, ...helper() }, [fails("circuit_open"), gives({ n: 1 })]);
    expect(open.requests.map((request) => request.model)).toEqual(["fast", "other"]);
  });

  it("calls tools side by side and tells the model what they gave", () => {
    const program = { tools: { find: tool({ params: [param("q"), param("k")], labels: { untrusted: true, private: false } }) }, ...helper({ tools: [use("find", { fixed: { k: name("x") } })], maxTurns: 8 }) };
    const result = run(program, [asks(["find", { q: "1" }], ["find", { q: "2" }], ["nope", {}], ["find", { z: 1 }]), { hit: 1 }, fails("not_found"), gives({ n: 2 })]);
    expect(result.output).toEqual({ n: 2 });
    const tools = result.activities.filter((activity) => activity.kind === "tool");
    expect(tools.map((activity) => [activity.path, activity.arguments])).toEqual([
      ["main.a@1.find", { q: "1", k: "hi" }],
      ["main.a@1.find:2", { q: "2", k: "hi" }],
    ]);
    const told = result.requests[1]?.messages.slice(2).map((message) => message.text);
    expect(told).toEqual(['<untrusted-data>\n{"hit":1}\n</untrusted-data>', "Error not_found: not_found", "There is no tool nope.", "Error invalid_input: value lacks `q`; value has an unknown field `z`"]);
  });

  it("ends when a tool that acts fails, or the turns are used up", () => {
    const program = (maxTurns: number) => ({ tools: { send: tool({ params: [param("q")], effect: "send" }) }, ...helper({ tools: [use("send")], maxTurns }) });
    expect(run(program(8), [asks(["send", { q: "1" }]), fails("conflict")]).error).toBe("tool_error");
    const spent = run(program(2), [asks(["send", { q: "1" }]), 1, asks(["send", { q: "2" }])]);
    expect([spent.error, spent.activities.length]).toEqual(["too_many_turns", 3]);
    const many = run(program(2), [asks(["send", { q: "1" }], ["send", { q: "2" }])]);
    expect([many.error, many.activities.length]).toEqual(["too_many_turns", 1]);
  });

  it("gives a deed the same key when the agent is tried again and does the same", () => {
    const program = { tools: { send: tool({ params: [param("q")], effect: "send", idempotency: true }) }, ...helper({ tools: [use("send")], maxTurns: 8, retry: retry(2, { retryOn: ["truncated"] }) }) };
    const result = run(program, [asks(["send", { q: "1" }], ["send", { q: "1" }]), 1, 1, fails("truncated"), asks(["send", { q: "2" }], ["send", { q: "1" }]), 1, 1, gives({ n: 1 })]);
    const keys = result.activities.flatMap((activity) => (activity.kind === "tool" ? [activity.key] : []));
    expect(keys[0]).toBe(keys[3]);
    expect(new Set(keys).size).toBe(3);
  });

  it("asks for permission before each call of a tool with confirm", () => {
    const people = model({ provider: "human", model: "inbox" });
    const boss = agent({ params: [param("q")], model: "people", prompt: text("May I ", name("q"), "?") });
    const program = { models: { fast: model(), people }, tools: { pay: tool({ params: [param("q")], effect: "send", confirm: "boss" }) }, agents: { ...helper({ tools: [use("pay")], maxTurns: 8 }).agents, boss } };
    const approve = (approved: boolean): Driven =>
      run(program, [asks(["pay", { q: "1" }]), ...(approved ? [{ paid: true }] : []), gives({ n: 1 })], {
        meddle: (driver) => {
          if (driver.engine.awaits("main.a@1.pay!confirm")) driver.record({ kind: "person.answered", path: "main.a@1.pay!confirm", value: { approved } });
        },
      });
    expect(approve(true).activities.map((activity) => activity.path)).toEqual(["main.a@1", "main.a@1.pay!confirm", "main.a@1.pay", "main.a@2"]);
    expect(approve(false).activities.map((activity) => activity.path)).toEqual(["main.a@1", "main.a@1.pay!confirm", "main.a@2"]);
    expect(approve(true).activities[1]).toMatchObject({ kind: "person", question: "May I 1?" });
  });

  it("hands a conversation over, each arrow once", () => {
    const second = agent({ returns: "score", prompt: text("You help ", name("x")), doc: "Helps." });
    const program = { agents: { ...helper().agents, second } };
    const handoffs = { helper: ["second"], second: ["helper"] };
    const result = run(program, [asks(["transfer_to_second", {}]), asks(["transfer_to_helper", {}]), gives({ n: 4 })], { callMore: { handoffs, maxHandoffs: 3 } });
    expect(result.output).toEqual({ n: 4 });
    expect(result.requests.map((request) => [request.path, request.callee, request.tools.map((offered) => offered.name)])).toEqual([
      ["main.a@1", "helper", ["transfer_to_second"]],
      ["main.a@2", "second", ["transfer_to_helper"]],
      ["main.a@3", "helper", []],
    ]);
    expect(result.requests[1]?.messages.map((message) => message.role)).toEqual(["user", "assistant", "tool", "user"]);
  });

  it("asks a person until the answer fits, and only so long", () => {
    const program = { models: { fast: model({ provider: "human", model: "inbox" }) }, ...helper({ timeoutMs: value(60_000) }) };
    const answers = [{ n: "many" }, { n: 5 }];
    const result = run(program, [], {
      meddle: (driver) => {
        for (const value of answers) if (driver.engine.awaits("main.a")) driver.record({ kind: "person.answered", path: "main.a", value });
      },
    });
    expect(result.output).toEqual({ n: 5 });
    expect(result.activities[0]).toMatchObject({ kind: "person", dueAtMs: startMs + 60_000 });
    expect(result.effects.map((effect) => effect.kind)).toEqual(["ask-again", "withdraw"]);
    const late = run(program, []);
    expect([late.error, late.effects[0]]).toEqual(["timeout", { kind: "withdraw", path: "main.a" }]);
  });
});

describe("budgets", () => {
  const models = { fast: model({ price: { input: 1, output: 10 }, maxOutput: 100 }) };

  it("reserves a request before it is made, and does not make what does not fit", () => {
    const enough = run({ models, ...helper() }, [gives({ n: 1 })], { callMore: { budget: { cost: value(0.01) } } });
    expect([enough.status, enough.requests[0]?.maxOutputTokens]).toEqual(["succeeded", 100]);
    const tooLittle = run({ models, ...helper() }, [gives({ n: 1 })], { callMore: { budget: { cost: value(0.001) } } });
    expect([tooLittle.error, tooLittle.activities.length]).toEqual(["budget_exceeded", 0]);
    const tokens = run({ models, ...helper() }, [gives({ n: 1 })], { callMore: { budget: { tokens: value(50) }, fallback: block([], value({ n: 0 })) } });
    expect(tokens.output).toEqual({ n: 0 });
  });

  it("counts what was spent, also by failed requests", () => {
    const spent = { tokensIn: 10, tokensOut: 10, cost: 0.004 };
    const answers: Answer[] = [{ ok: false, code: "timeout", spent }, { ok: false, code: "timeout", spent }];
    const result = run({ models, ...helper() }, answers, { callMore: { budget: { cost: value(0.006) } } });
    expect([result.error, result.requests.length, result.engine.spent]).toEqual(["budget_exceeded", 2, { cost: 0.008, tokensIn: 20, tokensOut: 20 }]);
  });

  it("of a flow skips the fallbacks of its steps", () => {
    const body = block([step("a", call({ kind: "agent", name: "helper" }, { x: value("hi") }, { fallback: block([], value("step")) }))], name("a"));
    const main = flow("main", body, { budget: { cost: value(0.0001) }, fallback: block([], value("flow")) });
    expect(drive(plan({ flows: { main }, models, schemas, ...helper() })).output).toBe("flow");
  });

  it("in time includes waiting", () => {
    const result = run({ models, ...helper() }, [fails("unavailable"), gives({ n: 1 })], { callMore: { budget: { timeMs: value(10) } }, takes: () => 20 });
    expect([result.error, result.engine.lastAtMs - startMs]).toEqual(["budget_exceeded", 10]);
  });
});

describe("stubs, cache, roles, memory", () => {
  it("answers with stubs instead of agents, one a call", () => {
    const stub = { kind: "sequence", items: [{ kind: "fail", code: "unavailable", message: "down" }, { kind: "costs", amount: 0.5, then: { kind: "value", value: value({ n: 9 }) } }] } as const;
    const result = run(helper({ retry: retry(2) }), [], { stubs: { helper: stub } });
    expect([result.output, result.engine.spent.cost, result.activities.length]).toEqual([{ n: 9 }, 0.5, 2]);
    const broke = run(helper({ retry: retry(2) }), [], { stubs: { helper: stub }, callMore: { budget: { cost: value(0.4) } } });
    expect([broke.error, broke.activities.length]).toEqual(["budget_exceeded", 1]);
  });

  it("looks a call up in the cache, and keeps what it gave", () => {
    const program = helper({ cache: { ttlMs: 1000 } });
    const miss = run(program, [gives({ n: 1 })]);
    expect(miss.activities.map((activity) => activity.path)).toEqual(["main.a!cache", "main.a@1"]);
    const [kept] = miss.effects.filter((effect) => effect.kind === "remember");
    expect(kept).toMatchObject({ value: { n: 1 }, ttlMs: 1000 });
    const hit = run(program, [], { cached: { n: 2 } });
    expect([hit.output, hit.activities.length]).toEqual([{ n: 2 }, 1]);
  });

  it("takes the filler of a role that has least to do and was not found unavailable", () => {
    const roles: Program["roles"] = { r: { fillers: [{ kind: "agent", name: "one", skills: [] }, { kind: "agent", name: "two", skills: ["sql"] }] } };
    const ask = (requires: readonly string[] = []) => call({ kind: "role", role: "r", requires }, { x: value(1) }, { retry: retry(2) });
    const steps = [step("a", ask()), step("b", ask()), step("c", ask(["sql"])), step("d", ask(), ["a", "b", "c"])];
    const made = plan({ flows: { main: flow("main", block(steps, name("d"))) }, schemas, roles, agents: { one: agent({ returns: "text" }), two: agent({ returns: "text" }) }, models: { fast: model({ retry: retry(1) }) } });
    const result = drive(made, { answer: (activity) => (activity.callee === "one" ? fails("unavailable") : says("ok")) });
    expect(result.activities.map((activity) => `${activity.path} ${activity.callee}`)).toEqual(["main.a@1 one", "main.b@1 two", "main.c@1 two", "main.a~2@1 two", "main.d@1 two"]);
  });

  it("reads a conversation from a state, and adds to it on success", () => {
    const states = [{ name: "talk", schema: "any", initial: value([]), per: name("user"), maxItems: 3 }];
    const body = block([step("a", call({ kind: "agent", name: "helper" }, { x: value("hi") }, { memory: "talk" }))], name("a"));
    const made = plan({ flows: { main: flow("main", body, { params: [param("user")], states }) }, schemas, ...helper({ returns: "text" }) });
    const stored = { value: [{ role: "user", text: "old" }, { role: "assistant", text: "yes" }], atMs: startMs };
    const result = drive(made, { input: { user: "u1" }, states: [{ name: "talk", key: "u1", stored }], answer: () => says("new") });
    const asked = result.activities[0] as ModelActivity;
    expect(asked.messages.map((message) => message.text)).toEqual(["old", "yes", "Say hi"]);
    const [write] = result.effects.filter((effect) => effect.kind === "store-state");
    expect(write).toMatchObject({ flow: "main", name: "talk", key: "u1", value: [{ text: "yes" }, { role: "user", text: "Say hi" }, { role: "assistant", text: "new" }] });
    expect(result.engine.state.created?.input).toEqual({ user: "u1" });
  });
});

describe("states", () => {
  const program = (more: object = {}) =>
    plan({
      flows: {
        main: flow("main", block([step("a", call({ kind: "agent", name: "helper" }, { x: name("memo") }))], name("a")), {
          params: [param("user")],
          states: [{ name: "memo", schema: "text", initial: value("fresh"), per: name("user"), next: name("a"), idleMs: 1000, onIdle: block([step("c", call({ kind: "agent", name: "helper" }, { x: name("memo") }))], name("c")), ...more }],
        }),
      },
      schemas,
      ...helper({ returns: "text" }),
    });
  const asked = (activity: Activity | undefined): string => (activity?.kind === "model" ? (activity.messages[0]?.text ?? "") : "");

  it("begin with their initial value, and keep the next one", () => {
    const result = drive(program(), { input: { user: "u" }, answer: () => says("later") });
    expect(asked(result.activities[0])).toBe("Say fresh");
    expect(result.effects).toMatchObject([{ kind: "store-state", value: "later", key: "u" }]);
    expect(drive(program(), { input: { user: "u" }, answer: () => fails("refused") }).effects.map((effect) => effect.kind)).toEqual(["dead-letter"]);
  });

  it("are renewed by onIdle after a time without a run", () => {
    const states = (atMs: number) => [{ name: "memo", key: "u", stored: { value: "old", atMs } }];
    const idle = drive(program(), { input: { user: "u" }, states: states(startMs - 1000), answer: (activity) => says(`${asked(activity)}!`) });
    expect(idle.activities.map((activity) => [activity.path, asked(activity)])).toEqual([
      ["main.memo!idle.c@1", "Say old"],
      ["main.a@1", "Say Say old!"],
    ]);
    expect(drive(program(), { input: { user: "u" }, states: states(startMs - 999), answer: () => says("x") }).activities).toHaveLength(1);
    expect(drive(program(), { input: { user: "u" }, states: [{ name: "memo", key: "u", stored: { value: 5, atMs: startMs } }] }).error).toBe("invalid_input");
  });
});
