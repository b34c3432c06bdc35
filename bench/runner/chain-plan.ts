import { planHash } from "../../plan/hash.ts";
import type { FlowPlan, Plan, Program, StepPlan, ToolPlan } from "../../plan/plan.ts";

/** A tool that takes and gives anything. */
const work: ToolPlan = {
  params: [{ name: "x", schema: "any" }],
  returns: "any",
  reach: { kind: "module", module: "./work.ts", function: "work", secrets: {} },
  errors: { byStatus: {}, codes: [] },
  effect: "read",
  restart: true,
  retry: {
    attempts: { op: "value", value: 1 },
    backoff: { fromMs: { op: "value", value: 1_000 }, toMs: { op: "value", value: 16_000 } },
    retryOn: [],
  },
  timeoutMs: { op: "value", value: 30_000 },
  labels: { untrusted: false, private: false },
};

/** A plan whose flow `chain` calls one tool so many times, each time with what the call before gave. */
export function chainPlan(length: number): Plan {
  const steps = Array.from({ length }, (_, index): StepPlan => {
    const before = index === 0 ? "x" : `s${index - 1}`;
    return {
      name: `s${index}`,
      path: `chain.s${index}`,
      phase: index,
      waits: index === 0 ? [] : [before],
      schema: "any",
      action: {
        kind: "call",
        callee: { kind: "tool", name: "work" },
        arguments: { x: { op: "name", name: before } },
        input: "args",
      },
    };
  });
  const chain: FlowPlan = {
    name: "chain",
    params: [{ name: "x", schema: "any" }],
    input: "args",
    returns: "any",
    body: { lets: [], steps, output: { op: "name", name: `s${length - 1}` }, outputWaits: [] },
    states: [],
    triggers: [],
    effects: { acts: false, sends: false },
    bounds: {
      agentCalls: 0,
      modelRequests: 0,
      toolCalls: length,
      humanTasks: 0,
      tokens: 0,
      cost: 0,
      timeMs: null,
    },
    runnable: true,
  };
  const program: Program = {
    config: {},
    environments: {},
    schemas: {
      any: {},
      args: { type: "object", properties: { x: {} }, required: ["x"], additionalProperties: false },
    },
    models: {},
    roles: {},
    agents: {},
    tools: {
      work,
    },
    flows: { chain },
  };
  return {
    format: "agentflow.plan",
    version: 1,
    hash: planHash(program),
    program,
    source: { files: [], spans: {} },
  };
}
