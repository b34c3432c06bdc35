import type { AgentPlan, ModelPlan } from "../../plan/plan.ts";
import type { AgentState } from "./act-state.ts";
import type { Amount } from "./budget.ts";

/** What is set aside, and asked of the provider as a limit, when neither agent nor model says how long an answer may be. */
export const defaultMaxOutput = 4096;

/** Tokens that a provider adds around each message. */
const tokensPerMessage = 16;

/** What one request can cost at most: its input and the longest answer, at the model's price. */
export function requestReserve(
  state: AgentState,
  { agent, model }: { readonly agent: AgentPlan; readonly model: ModelPlan },
): Amount {
  const input = Math.min(
    inputTokens(state),
    agent.maxInput ?? model.maxInput ?? Number.MAX_SAFE_INTEGER,
  );
  const output = maxOutputTokens(agent, model) ?? defaultMaxOutput;
  const price = model.price ?? { input: 0, output: 0 };
  // A price is in dollars per million tokens, so tokens times price are micro-dollars.
  return { tokens: input + output, cost: Math.ceil(input * price.input + output * price.output) };
}

/** What it can cost at most to have a text placed. */
export function inputReserve(text: string, price: ModelPlan["price"]): Amount {
  const tokens = Math.ceil(Buffer.byteLength(text) / 2) + tokensPerMessage;
  return { tokens, cost: Math.ceil(tokens * (price?.input ?? 0)) };
}

export function maxOutputTokens(agent: AgentPlan, model: ModelPlan): number | null {
  return agent.maxOutput ?? model.maxOutput ?? null;
}

/**
 * An upper estimate that needs no tokenizer: two bytes a token is fewer than any common one needs for text, in
 * whatever language.
 */
function inputTokens(state: AgentState): number {
  let bytes = Buffer.byteLength(state.system ?? "");
  for (const message of state.messages) {
    bytes += Buffer.byteLength(message.text);
    if (message.role === "assistant" && message.calls !== undefined)
      bytes += Buffer.byteLength(JSON.stringify(message.calls));
  }
  return Math.ceil(bytes / 2) + tokensPerMessage * (state.messages.length + 1);
}
