import { listOf, recordOf, simple } from "./built-in-types.ts";
import { literalUnion } from "./join.ts";
import { optional } from "./substitute.ts";
import { boolType, stringType } from "./type.ts";
import type { Type } from "./type.ts";

/** What has settings. `agentCall` and its like are the blocks behind a call. */
export type SettingOwner =
  | "model"
  | "agent"
  | "role"
  | "tool"
  | "flow"
  | "agentCall"
  | "toolCall"
  | "flowCall"
  | "roleCall"
  | "emit"
  | "receive"
  | "continue"
  | "sleep"
  | "fail"
  | "for"
  | "repeat"
  | "race"
  | "branch"
  | "state"
  | "http"
  | "cron"
  | "event"
  | "slack"
  | "trigger"
  | "test";

/**
 * Names a setting's value may use: `F` of the file and `config`, `P` also the parameters of the callable,
 * `O` also names outside the block (of a trigger: `event`), `K` also the item of a `for`, `I` also names inside the block.
 */
export type Sees = "F" | "P" | "O" | "K" | "I";

/** Values that are more than a type: each has its own check. */
export type SpecialValue =
  | "use"
  | "model"
  | "models"
  | "tools"
  | "examples"
  | "check"
  | "http"
  | "module"
  | "auth"
  | "secrets"
  | "headers"
  | "errors"
  | "codes"
  | "confirm"
  | "after"
  | "action"
  | "undo"
  | "memory"
  | "handoffs"
  | "requires"
  | "value"
  | "printed"
  | "eventCondition"
  | "cancelOn"
  | "input"
  | "stub"
  | "testConfig"
  | "next"
  | "record"
  | "secret"
  | "mcp"
  | "cache";

export interface SettingSpec {
  readonly key: string;
  readonly owners: Partial<Readonly<Record<SettingOwner, Sees>>>;
  /** One of these types, or a check of its own. */
  readonly value: readonly Type[] | SpecialValue;
  /** How it is written, for messages. */
  readonly example: string;
}

const calls = ["agentCall", "toolCall", "flowCall", "roleCall"] as const;
const actionCalls = ["emit", "receive", "continue", "sleep", "fail"] as const;
const loops = ["for", "repeat", "race"] as const;
const triggers = ["http", "cron", "event", "slack", "trigger"] as const;
/** A tick brings nothing that could be looked at. */
const messages = ["http", "event", "slack", "trigger"] as const;

function on(sees: Sees, ...owners: readonly SettingOwner[]): Partial<Record<SettingOwner, Sees>> {
  return Object.fromEntries(owners.map((owner) => [owner, sees]));
}

function setting(
  key: string,
  owners: SettingSpec["owners"],
  value: SettingSpec["value"],
  example: string,
): SettingSpec {
  return { key, owners, value, example };
}

const text = [stringType];
/** Nothing is done in no time, and nothing is waited for before now. */
export const someTime: Type = { kind: "duration", min: 1, max: null };
const anyTime: Type = { kind: "duration", min: 0, max: null };
const anyMoney: Type = { kind: "money", min: 0, max: null };
const duration = [someTime];
const pause = [anyTime];
const bool = [boolType];
const rate = simple("rate");
const span: Type = { kind: "span", of: anyTime };
const literals = (...values: readonly string[]): readonly Type[] => [literalUnion(values)];
const texts = [listOf(stringType)];

const budget = [
  recordOf({
    cost: optional(anyMoney),
    tokens: optional({ kind: "int", min: 0, max: null }),
    time: optional(someTime),
  }),
];
const circuit = [
  recordOf({
    failures: optional({ kind: "int", min: 1, max: null }),
    window: optional(someTime),
    cooldown: optional(someTime),
  }),
];
const positive: readonly Type[] = [{ kind: "int", min: 1, max: null }];

/** Section 4 of the language reference, as data. */
export const settingSpecs: readonly SettingSpec[] = [
  setting("use", on("F", "model"), "use", '"openai/gpt-5-mini"'),
  setting("apiKey", on("F", "model"), "secret", "config.apiKey"),
  setting("baseUrl", on("F", "model"), [simple("url")], '"https://models.example/v1"'),
  setting("options", on("F", "model"), "record", "{ topP: 0.9 }"),
  setting("temperature", on("F", "model"), [{ kind: "float", min: 0, max: 2 }], "0.2"),
  setting(
    "price",
    on("F", "model"),
    [recordOf({ input: anyMoney, output: anyMoney })],
    "{ input: $3, output: $15 }",
  ),
  setting("maxInput", on("F", "model", "agent", "role"), positive, "100k"),
  setting("maxOutput", on("F", "model", "agent", "role"), positive, "4k"),
  setting("backups", on("F", "model"), "models", "[other]"),
  setting(
    "circuit",
    on("F", "model", "tool"),
    circuit,
    "{ failures: 5, window: 1m, cooldown: 1m }",
  ),
  setting("channel", on("F", "model"), text, '"#answers"'),
  setting("assignees", on("F", "model"), [listOf(simple("email"))], '["lead@example.com"]'),
  setting("remind", on("F", "model"), duration, "4h"),
  setting(
    "attempts",
    { ...on("F", "model"), ...on("P", "agent", "role", "tool"), ...on("O", ...calls) },
    positive,
    "3",
  ),
  setting(
    "backoff",
    { ...on("F", "model"), ...on("P", "agent", "role", "tool"), ...on("O", ...calls) },
    [span, anyTime],
    "1s..16s",
  ),
  setting(
    "retryOn",
    on("F", "model", "agent", "role", "tool", ...calls),
    "codes",
    '["timeout", "unavailable"]',
  ),
  setting(
    "timeout",
    {
      ...on("F", "model"),
      ...on("P", "agent", "role", "tool", "flow"),
      ...on("O", ...calls, "receive", ...loops),
    },
    duration,
    "30s",
  ),
  setting(
    "rate",
    { ...on("P", "model", "agent", "role", "tool", "flow"), ...on("O", "for") },
    [rate],
    "60/min",
  ),
  setting(
    "concurrency",
    { ...on("P", "model", "agent", "role", "tool"), ...on("O", "for") },
    positive,
    "10",
  ),
  setting(
    "concurrency",
    on("P", "flow"),
    [...positive, recordOf({ limit: { kind: "int", min: 1, max: null }, per: stringType })],
    "{ limit: 1, per: userId }",
  ),
  setting(
    "cache",
    { ...on("P", "agent", "role", "tool"), ...on("O", "agentCall", "toolCall", "roleCall") },
    "cache",
    "1h",
  ),
  setting(
    "budget",
    { ...on("P", "agent", "role", "flow"), ...on("O", ...calls, ...loops) },
    budget,
    "{ cost: $2, time: 10m }",
  ),
  setting("model", on("F", "agent", "role", "agentCall", "roleCall"), "model", "fast"),
  setting("system", on("P", "agent", "role"), text, '"You are brief."'),
  setting("prompt", on("P", "agent", "role"), text, '"Summarise: ${text}"'),
  setting("examples", on("F", "agent", "role"), "examples", "[{ input: { … }, output: … }]"),
  setting("tools", on("P", "agent", "role"), "tools", "[search]"),
  setting("maxTurns", on("F", "agent", "role"), positive, "8"),
  setting(
    "check",
    on("P", "agent", "role"),
    "check",
    '{ "name a source": output.sources.length > 0 }',
  ),
  setting("skills", on("F", "agent", "tool", "flow"), texts, '["sql"]'),
  setting("requires", on("F", "roleCall"), "requires", '["sql"]'),
  setting("http", on("P", "tool"), "http", '"POST https://api.example/orders"'),
  setting("mcp", on("P", "tool"), "mcp", '{ server: "https://…", tool: "search" }'),
  setting("module", on("P", "tool"), "module", '"./tools/file.ts#name"'),
  setting("headers", on("P", "tool"), "headers", '{ "X-Id": id }'),
  setting("query", on("P", "tool"), "printed", "{ q: query }"),
  setting("body", on("P", "tool"), "value", "{ name }"),
  setting("auth", on("F", "tool", "http"), "auth", "{ bearer: config.apiKey }"),
  setting("secrets", on("F", "tool"), "secrets", "{ key: config.key }"),
  setting("errors", on("F", "tool"), "errors", '{ "402": "card_declined" }'),
  setting("effect", on("F", "tool"), literals("read", "write", "send"), '"read"'),
  setting("idempotency", on("F", "tool"), [stringType, boolType], '"Idempotency-Key"'),
  setting("restart", { ...on("F", "tool"), ...on("O", "toolCall") }, bool, "true"),
  setting("confirm", on("F", "tool"), "confirm", "approver"),
  setting("idempotencyKey", on("O", "toolCall", "flowCall", "emit"), text, '"order-${order.id}"'),
  setting("after", on("O", ...calls, ...actionCalls, ...loops), "after", "otherStep"),
  setting(
    "fallback",
    { ...on("O", ...calls, "receive", ...loops), ...on("P", "flow") },
    "action",
    "null",
  ),
  setting("undo", on("O", ...calls, "emit"), "undo", "release(reserved.id)"),
  setting(
    "priority",
    on("O", "flow", "flowCall"),
    literals("critical", "high", "medium", "low", "background"),
    '"high"',
  ),
  setting("memory", on("O", "agentCall"), "memory", "talk"),
  setting("handoffs", on("F", "agentCall"), "handoffs", "{ front: [billing] }"),
  setting("maxHandoffs", on("F", "agentCall"), positive, "4"),
  setting(
    "where",
    { ...on("O", "receive"), ...on("P", ...messages) },
    "eventCondition",
    "event.data.id == id",
  ),
  setting("pause", on("O", "repeat", "continue"), pause, "10s"),
  setting("maxRuns", on("F", "continue"), positive, "100"),
  // A race gives what its winner gives.
  setting("output", on("I", "flow", "branch", "for", "repeat"), "value", "result"),
  setting("maxItems", on("O", "for"), positive, "100"),
  setting(
    "tolerate",
    on("O", "for"),
    [{ kind: "int", min: 0, max: null }, simple("percent")],
    "50%",
  ),
  setting("key", on("K", "for"), [stringType], "item.id"),
  setting("needs", on("K", "for"), texts, "item.needs"),
  setting("deadLetter", on("F", "for", "flow"), text, '"bad-items"'),
  setting("maxRounds", on("O", "repeat"), positive, "3"),
  setting("until", on("I", "repeat"), bool, "review.satisfied"),
  setting("exhausted", on("F", "repeat"), literals("keep", "fail"), '"fail"'),
  setting("per", on("P", "state"), text, "userId"),
  setting("next", on("I", "state"), "next", "reply"),
  setting("idle", on("I", "state"), duration, "10m"),
  setting("onIdle", on("I", "state"), "next", "[]"),
  setting("input", on("O", ...triggers), "input", "{ text: event.data.text }"),
  setting("dedupe", on("O", ...messages), text, "event.id"),
  setting("respond", on("F", "http", "trigger"), literals("wait", "accepted"), '"accepted"'),
  setting("debounce", on("F", "event", "slack", "trigger"), duration, "5s"),
  setting(
    "batch",
    on("F", "event", "slack", "trigger"),
    [recordOf({ size: { kind: "int", min: 1, max: null }, within: someTime })],
    "{ size: 10, within: 1m }",
  ),
  setting("zone", on("F", "cron", "trigger"), text, '"Europe/Berlin"'),
  setting("misfire", on("F", "cron", "trigger"), literals("once", "all", "skip"), '"once"'),
  setting("overlap", on("F", ...triggers), literals("queue", "skip", "replace"), '"skip"'),
  setting(
    "cancelOn",
    on("P", "flow"),
    "cancelOn",
    '{ topic: "order.cancelled", where: event.data.id == id }',
  ),
  setting("was", on("F", "flow", "state"), text, '"oldName"'),
  setting("stub", on("F", "test"), "stub", "{ agent: value }"),
  setting("replay", on("F", "test"), text, '"run.json"'),
  setting("config", on("F", "test"), "testConfig", '{ apiUrl: "https://test.example" }'),
];

const byOwner = new Map<SettingOwner, ReadonlyMap<string, SettingSpec>>();

/** The settings that something of this kind has, by key. */
export function settingsFor(owner: SettingOwner): ReadonlyMap<string, SettingSpec> {
  let specs = byOwner.get(owner);
  if (specs === undefined) {
    specs = new Map(
      settingSpecs
        .filter((spec) => spec.owners[owner] !== undefined)
        .map((spec) => [spec.key, spec]),
    );
    byOwner.set(owner, specs);
  }
  return specs;
}

/** Kinds of block that have this setting, as words for a message. */
const settingKeys: ReadonlySet<string> = new Set(settingSpecs.map(({ key }) => key));

/** Whether anything has such a setting. */
export function isSettingKey(key: string): boolean {
  return settingKeys.has(key);
}

export function ownersOf(key: string): readonly SettingOwner[] {
  return [
    ...new Set(
      settingSpecs
        .filter((spec) => spec.key === key)
        .flatMap((spec) => Object.keys(spec.owners) as SettingOwner[]),
    ),
  ];
}

export const ownerTexts: Readonly<Record<SettingOwner, string>> = {
  model: "a model",
  agent: "an agent",
  role: "a role",
  tool: "a tool",
  flow: "a flow",
  agentCall: "the call of an agent",
  toolCall: "the call of a tool",
  flowCall: "the call of a flow",
  roleCall: "the call of a role",
  emit: "`emit`",
  receive: "`receive`",
  continue: "`continue`",
  sleep: "`sleep`",
  fail: "`fail`",
  for: "`for`",
  repeat: "`repeat`",
  race: "`race`",
  branch: "a branch",
  state: "a state",
  http: "`on http`",
  cron: "`on cron`",
  event: "`on event`",
  slack: "`on slack`",
  trigger: "a trigger",
  test: "a test",
};
