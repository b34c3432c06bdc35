/** Runs of a flow that calls one agent. */

import type { Json } from "../../plan/expression.ts";
import type { AgentPlan, Program, ToolUse } from "../../plan/plan.ts";
import type { ModelActivity } from "../../runner/engine/activity.ts";
import { drive } from "./drive.ts";
import type { Answer, DriveOptions, Driven } from "./drive.ts";
import { agent, block, call, flow, name, plan, step, text, value } from "./plan-builder.ts";

export const schemas: Program["schemas"] = {
  text: { type: "string" },
  score: {
    type: "object",
    properties: { n: { type: "integer", minimum: 0 } },
    required: ["n"],
    additionalProperties: false,
  },
  query: {
    type: "object",
    properties: { q: { type: "string" } },
    required: ["q"],
    additionalProperties: false,
  },
};
export const says = (text: string, more: { readonly [key: string]: Json } = {}): Answer => ({
  ok: true,
  value: { text, calls: [], ...more },
});
export const gives = (result: Json): Answer => says(JSON.stringify(result), { value: result });
export const asks = (...calls: readonly (readonly [string, Json])[]): Answer => ({
  ok: true,
  value: {
    text: "",
    calls: calls.map(([tool, args], index) => ({ id: `c${index}`, name: tool, arguments: args })),
  },
});
export const fails = (code: string): Answer => ({ ok: false, code });
export const use = (callee: string, more: Partial<ToolUse> = {}): ToolUse => ({
  kind: "tool",
  callee,
  input: "query",
  fixed: {},
  ...more,
});

/** One call of the agent `helper`, whose requests and tool calls are answered in order. */
export function runAgent(
  program: Partial<Program>,
  answers: readonly (Answer | Json)[],
  options: DriveOptions & { readonly callMore?: object } = {},
): Driven & { readonly requests: readonly ModelActivity[] } {
  const body = block(
    [
      step(
        "a",
        call({ kind: "agent", name: "helper" }, { x: value("hi") }, options.callMore ?? {}),
      ),
    ],
    name("a"),
  );
  const made = plan({
    flows: { main: flow("main", body) },
    schemas,
    ...program,
  });
  const left = [...answers];
  const result = drive(made, { answer: () => left.shift() ?? null, ...options, flow: "main" });
  return {
    ...result,
    requests: result.activities.filter(
      (activity): activity is ModelActivity => activity.kind === "model",
    ),
  };
}

export const helper = (more: Partial<AgentPlan> = {}): { readonly agents: Program["agents"] } => ({
  agents: {
    helper: agent({
      returns: "score",
      prompt: text("Say ", name("x")),
      system: value("Be kind."),
      ...more,
    }),
  },
});
