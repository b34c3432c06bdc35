/** Small plans by hand: what the compiler would write, without the compiler. */

import { planHash } from "../../plan/hash.ts";
import type { Expression, Json } from "../../plan/expression.ts";
import type {
  ActionPlan,
  AgentPlan,
  BlockPlan,
  Callee,
  CallPlan,
  FlowPlan,
  JsonSchema,
  ModelPlan,
  ParamPlan,
  Plan,
  Program,
  RetryPlan,
  StepPlan,
  ToolPlan,
} from "../../plan/plan.ts";

export function value(constant: Json): Expression {
  return { op: "value", value: constant };
}

export function name(text: string): Expression {
  return { op: "name", name: text };
}

export function field(of: Expression, text: string): Expression {
  return { op: "field", of, name: text };
}

export function record(entries: { readonly [key: string]: Expression }): Expression {
  return {
    op: "record",
    entries: Object.entries(entries).map(([key, entry]) => ({ key, value: entry })),
  };
}

export function list(...items: readonly Expression[]): Expression {
  return { op: "list", items };
}

export function add(left: Expression, right: Expression): Expression {
  return { op: "add", left, right, kinds: ["int", "int", "int"] };
}

export function atLeast(left: Expression, right: Expression): Expression {
  return { op: "greaterOrEqual", left, right, as: "int" };
}

export function text(...parts: readonly (string | Expression)[]): Expression {
  return {
    op: "template",
    parts: parts.map((part) => (typeof part === "string" ? part : { value: part, print: "text" })),
  };
}

export const transient: readonly string[] = [
  "timeout",
  "rate_limited",
  "unavailable",
  "circuit_open",
];

export function retry(
  attempts: number,
  {
    fromMs = 1000,
    toMs = 16_000,
    retryOn = transient,
  }: { fromMs?: number; toMs?: number; retryOn?: readonly string[] } = {},
): RetryPlan {
  return {
    attempts: value(attempts),
    backoff: { fromMs: value(fromMs), toMs: value(toMs) },
    retryOn,
  };
}

export function tool(more: Partial<ToolPlan> = {}): ToolPlan {
  return {
    params: [param("x")],
    returns: "any",
    reach: { kind: "module", module: "./tools.ts", function: "run", secrets: {} },
    errors: { byStatus: {}, codes: [] },
    effect: "read",
    restart: true,
    retry: retry(1),
    timeoutMs: value(30_000),
    labels: { untrusted: false, private: false },
    ...more,
  };
}

export function model(more: Partial<ModelPlan> = {}): ModelPlan {
  return {
    provider: "mock",
    model: "mock",
    backups: [],
    retry: retry(3),
    timeoutMs: 120_000,
    ...more,
  };
}

export function agent(more: Partial<AgentPlan> = {}): AgentPlan {
  return {
    params: [param("x")],
    returns: "any",
    model: "fast",
    prompt: text("Do it."),
    examples: [],
    tools: [],
    maxTurns: 1,
    checks: [],
    skills: [],
    retry: retry(1),
    labels: { untrusted: false, private: false },
    ...more,
  };
}

export function param(paramName: string, more: Partial<ParamPlan> = {}): ParamPlan {
  return { name: paramName, schema: "any", ...more };
}

export function call(
  callee: Callee,
  args: { readonly [param: string]: Expression } = {},
  more: Partial<CallPlan> = {},
): CallPlan {
  return { kind: "call", callee, arguments: args, ...more };
}

export function callTool(
  toolName: string,
  x: Expression = value(null),
  more: Partial<CallPlan> = {},
): CallPlan {
  return call({ kind: "tool", name: toolName }, { x }, more);
}

/** Waits are the names that the step mentions; paths are filled in by `plan`. */
export function step(
  stepName: string,
  action: ActionPlan,
  waits: readonly string[] = [],
): StepPlan {
  return { name: stepName, path: "", phase: 0, waits, action, schema: "any" };
}

export function block(
  steps: readonly StepPlan[],
  output: Expression | null = null,
  more: Partial<BlockPlan> = {},
): BlockPlan {
  return { lets: [], steps, output, outputWaits: [], ...more };
}

/** A block of one unnamed action. */
export function solo(action: ActionPlan, waits: readonly string[] = []): BlockPlan {
  return block([step("", action, waits)], name(""));
}

export function flow(flowName: string, body: BlockPlan, more: Partial<FlowPlan> = {}): FlowPlan {
  return {
    name: flowName,
    params: [],
    input: "any",
    returns: "any",
    body,
    states: [],
    triggers: [],
    effects: { acts: false, sends: false },
    bounds: {
      agentCalls: null,
      modelRequests: null,
      toolCalls: null,
      humanTasks: null,
      tokens: null,
      cost: null,
      timeMs: null,
    },
    runnable: true,
    ...more,
  };
}

export function plan(given: Partial<Program> & Pick<Program, "flows">): Plan {
  const schemas: { readonly [name: string]: JsonSchema } = { any: {}, ...given.schemas };
  const flows = Object.fromEntries(
    Object.entries(given.flows).map(([id, entry]) => [
      id,
      {
        ...entry,
        body: withPaths(entry.body, entry.name),
        ...(entry.fallback === undefined
          ? {}
          : { fallback: withPaths(entry.fallback, `${entry.name}!fallback`) }),
        states: entry.states.map((state) =>
          state.onIdle === undefined
            ? state
            : { ...state, onIdle: withPaths(state.onIdle, `${entry.name}.${state.name}!idle`) },
        ),
      },
    ]),
  );
  const program: Program = {
    config: {},
    environments: {},
    models: { fast: model() },
    roles: {},
    agents: {},
    tools: {},
    ...given,
    schemas,
    flows,
  };
  return {
    format: "agentflow.plan",
    version: 1,
    hash: planHash(program),
    program,
    source: { files: [], spans: {} },
  };
}

function withPaths(body: BlockPlan, path: string): BlockPlan {
  return {
    ...body,
    steps: body.steps.map((entry) => {
      const stepPath = entry.name === "" ? path : `${path}.${entry.name}`;
      return { ...entry, path: stepPath, action: inside(entry.action, stepPath) };
    }),
  };
}

function inside(action: ActionPlan, path: string): ActionPlan {
  switch (action.kind) {
    case "value":
      return action;
    case "call":
      return action.fallback === undefined
        ? action
        : { ...action, fallback: withPaths(action.fallback, `${path}!fallback`) };
    case "if":
      return {
        ...action,
        then: withPaths(action.then, path),
        else: action.else === null ? null : withPaths(action.else, path),
      };
    case "match":
      return {
        ...action,
        arms: action.arms.map((arm) => ({ ...arm, block: withPaths(arm.block, path) })),
      };
    default: {
      const body = withPaths(
        action.body,
        action.kind === "for" ? `${path}[]` : action.kind === "repeat" ? `${path}#` : path,
      );
      return {
        ...action,
        body,
        ...(action.fallback === undefined
          ? {}
          : { fallback: withPaths(action.fallback, `${path}!fallback`) }),
      };
    }
  }
}
