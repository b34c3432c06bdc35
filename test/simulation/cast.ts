/** Who acts in random plans beside tools: agents, the model behind them, and a person. What each gives follows from x alone. */

import type { Expression, Json } from "../../plan/expression.ts";
import type { ModelAnswer } from "../../plan/history.ts";
import type { AgentPlan, CallPlan, Program } from "../../plan/plan.ts";
import type { ConversationMessage, ModelActivity } from "../../runner/engine/activity.ts";
import { agent, call, model, name, param, retry, text, tool, value } from "./plan-builder.ts";
import type { Random } from "./random.ts";

const minutes = 60_000;

export const castSchemas: Program["schemas"] = {
  count: { type: "integer" },
  asked: {
    type: "object",
    properties: { x: { type: "integer" } },
    required: ["x"],
    additionalProperties: false,
  },
  consent: {
    type: "object",
    properties: { approved: { type: "boolean" } },
    required: ["approved"],
    additionalProperties: false,
  },
};

export const castModels: Program["models"] = {
  fast: model({ backups: ["spare"], retry: retry(2, { fromMs: 50, toMs: 200 }) }),
  spare: model({ retry: retry(2, { fromMs: 50, toMs: 200 }) }),
  people: model({ provider: "human", model: "inbox" }),
};

/** Asks the boss before each call. */
export const castTools: Program["tools"] = {
  pay: tool({ effect: "send", idempotency: true, confirm: "boss" }),
};

const counts = (more: Partial<AgentPlan> = {}): AgentPlan =>
  agent({ returns: "count", prompt: text("x=", name("x"), "!"), maxOutput: 100, ...more });
const uses = (...callees: readonly string[]): Partial<AgentPlan> => ({
  maxTurns: 8,
  tools: callees.map((callee) => ({ kind: "tool", callee, input: "asked", fixed: {} })),
});

export const castAgents: Program["agents"] = {
  counter: counts(),
  /** Its first answer never fits its type, and for every fifth x the repaired one does not either. */
  mender: counts(),
  /** Calls two tools side by side. */
  caller: counts(uses("plus", "picky")),
  payer: counts(uses("pay")),
  /** Passes the conversation on. */
  relay: counts(),
  refuser: counts(),
  /** A person, who answers wrongly at first for some x. */
  judge: counts({ model: "people", timeoutMs: value(5 * minutes) }),
  boss: agent({
    params: [param("x")],
    returns: "consent",
    model: "people",
    prompt: text("x=", name("x"), "!"),
    timeoutMs: value(5 * minutes),
  }),
};

const callable = ["counter", "mender", "caller", "payer", "relay", "refuser", "judge"];

/** A call of one of them, sometimes with a budget that it fits, or that not even one request fits. */
export function agentCall(random: Random, x: Expression, more: Partial<CallPlan>): CallPlan {
  const agentName = random.pick(callable);
  const tokens = random.chance(0.3) ? 1 : 100_000;
  return call(
    { kind: "agent", name: agentName },
    { x },
    {
      ...more,
      ...(agentName === "relay" ? { handoffs: { relay: ["counter"] }, maxHandoffs: 1 } : {}),
      ...(random.chance(0.3) ? { budget: { tokens: value(tokens) } } : {}),
    },
  );
}

/** What such a call gives in the end; `tool` is what the tools that they call give. */
export function agentOutcome(
  { name: agentName, x, budget }: { name: string; x: Json; budget: number | null },
  tool: (name: string, x: Json) => Reply,
): Reply {
  const n = typeof x === "number" ? x : 0;
  const ok = (result: number): Reply => ({ ok: true, value: result });
  if (agentName !== "judge" && budget === 1) return { ok: false, code: "budget_exceeded" };
  switch (agentName) {
    case "mender":
      return n % 5 === 0 ? { ok: false, code: "invalid_output" } : ok(n + 2);
    case "caller":
      return tool("picky", n).ok ? ok(n + 10) : { ok: false, code: "tool_error" };
    case "payer":
      return ok(n % 2 === 0 ? n + 20 : n + 30);
    case "refuser":
      return n % 5 === 4 ? { ok: false, code: "refused" } : ok(n + 3);
    case "judge":
      return ok(n + 40);
    default:
      return ok(n + 1);
  }
}

export type Reply =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly code: string };

/** What the model says to one request. It forgets everything but the conversation, like a real one. */
export function modelReply(activity: ModelActivity): Reply {
  const { callee, messages, attempt } = activity;
  const n = numberIn(messages);
  const last = messages.at(-1);
  // The first model fails now and then, and for some x altogether, so that the spare one is asked.
  if (activity.model === "fast" && (n % 7 === 3 || (n % 4 === 1 && attempt === 1)))
    return { ok: false, code: "unavailable" };
  switch (callee) {
    case "mender":
      return messages.length === 1 || n % 5 === 0 ? says("many") : says(n + 2);
    case "caller":
      return last?.role === "tool" ? says(n + 10) : asks(["plus", n], ["picky", n]);
    case "payer":
      if (last?.role !== "tool") return asks(["pay", n]);
      return says(/^-?\d+$/.test(last.text) ? n + 20 : n + 30);
    case "relay":
      return asks(["transfer_to_counter", null]);
    case "refuser":
      return n % 5 === 4 ? { ok: false, code: "refused" } : says(n + 3);
    default:
      return says(n + 1);
  }
}

/** What a person says who is asked for the first time, or again after a wrong answer. */
export function personReply(
  { agent, question }: { readonly agent: string; readonly question: string },
  again: boolean,
): Json {
  const n = numberOf(question);
  if (agent === "boss") return { approved: n % 2 === 0 };
  return n % 3 === 2 && !again ? { no: "idea" } : n + 40;
}

/** The event that a step waiting for `topic` gets. */
export function eventData(topic: string): Json {
  return numberOf(topic) + 50;
}

function says(result: Json): Reply {
  return answered({ text: JSON.stringify(result), calls: [], value: result });
}

function asks(...calls: readonly (readonly [string, number | null])[]): Reply {
  return answered({
    text: "",
    calls: calls.map(([callee, x], index) => ({
      id: `c${index}`,
      name: callee,
      arguments: x === null ? {} : { x },
    })),
  });
}

function answered(answer: ModelAnswer): Reply {
  return { ok: true, value: answer as unknown as Json };
}

function numberIn(messages: readonly ConversationMessage[]): number {
  const question = messages.find((message) => message.role === "user");
  return numberOf(question?.text ?? "");
}

function numberOf(said: string): number {
  return Number(/=(-?\d+)/.exec(said)?.[1] ?? 0);
}
