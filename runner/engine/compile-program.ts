import { canonicalJson } from "../../base/canonical-json.ts";
import { sha256 } from "../../base/sha256.ts";
import type { Expression } from "../../plan/expression.ts";
import type { AgentPlan, ParamPlan, Plan, Program, ToolPlan, ToolUse } from "../../plan/plan.ts";
import type { StubPlan } from "../../plan/test-plan.ts";
import type {
  AgentCode,
  EngineProgram,
  FlowCode,
  ModelCode,
  ParamCode,
  ToolCode,
  ToolUseCode,
} from "./code.ts";
import { BlockCompiler } from "./compile-block.ts";

export interface ProgramOptions {
  /** By agent or tool: what answers instead of it. */
  readonly stubs?: { readonly [callable: string]: StubPlan };
}

/** Prepares a valid plan for running. Costs about as much as checking it; do it once per plan and process. */
export function compileProgram(
  plan: Pick<Plan, "hash" | "program">,
  options: ProgramOptions = {},
): EngineProgram {
  const { program } = plan;
  const blocks = new BlockCompiler(program);
  const compiled = new ProgramCompiler(program, blocks);
  return {
    hash: plan.hash,
    program,
    flows: mapValues(program.flows, (id) => compiled.flow(id)),
    agents: mapValues(program.agents, (name, agent) => compiled.agent(name, agent)),
    tools: mapValues(program.tools, (name, tool) => compiled.tool(name, tool)),
    models: mapValues(program.models, (name, model): ModelCode => ({
      name,
      plan: model,
      retry: blocks.retry(model.retry),
    })),
    stubs: options.stubs ?? {},
    blocks: blocks.blocks,
    steps: blocks.steps,
  };
}

class ProgramCompiler {
  readonly program: Program;
  readonly blocks: BlockCompiler;

  constructor(program: Program, blocks: BlockCompiler) {
    this.program = program;
    this.blocks = blocks;
  }

  flow(id: string): FlowCode {
    const plan = this.program.flows[id];
    if (plan === undefined) throw new TypeError(`no flow ${id}`);
    const { blocks } = this;
    return {
      id,
      plan,
      body: blocks.block(plan.body),
      fallback: plan.fallback === undefined ? null : blocks.block(plan.fallback),
      timeoutMs: blocks.optional(plan.timeoutMs),
      budget: blocks.budget(plan.budget),
      priority: blocks.optional(plan.priority),
      concurrencyPer: blocks.optional(plan.concurrency?.per),
      cancelWhere: blocks.optional(plan.cancelOn?.where),
      params: plan.params.map((param) => this.param(param)),
      states: plan.states.map((state) => ({
        plan: state,
        initial: blocks.expression(state.initial),
        per: blocks.expression(state.per),
        next: blocks.optional(state.next),
        onIdle: state.onIdle === undefined ? null : blocks.block(state.onIdle),
      })),
    };
  }

  agent(name: string, plan: AgentPlan): AgentCode {
    const { blocks } = this;
    return {
      name,
      plan,
      params: plan.params.map((param) => this.param(param)),
      system: blocks.optional(plan.system),
      prompt: blocks.expression(plan.prompt),
      files: filesOf(plan.prompt).map((file) => blocks.expression(file)),
      checks: plan.checks.map(({ message, test }) => ({ message, test: blocks.expression(test) })),
      retry: blocks.retry(plan.retry),
      timeoutMs: blocks.optional(plan.timeoutMs),
      budget: blocks.budget(plan.budget),
      tools: new Map(plan.tools.map((use) => [toolName(use.callee), this.toolUse(use)] as const)),
      text: isText(this.program, plan.returns),
      meaning: once(() => this.meaningOfAgent(plan)),
    };
  }

  toolUse(use: ToolUse): ToolUseCode {
    const { blocks, program } = this;
    const tool = use.kind === "tool" ? program.tools[use.callee] : undefined;
    const confirm = tool?.confirm;
    const doc = { tool: program.tools, agent: program.agents, flow: program.flows }[use.kind][
      use.callee
    ]?.doc;
    return {
      name: toolName(use.callee),
      description: use.description ?? doc ?? "",
      input: use.input,
      fixed: Object.entries(use.fixed).map(
        ([param, value]) => [param, blocks.expression(value)] as const,
      ),
      step: blocks.directCall({ kind: use.kind, name: use.callee }, `${use.callee}`),
      confirm:
        confirm === undefined
          ? null
          : {
              step: blocks.directCall({ kind: "agent", name: confirm }, `${use.callee}!confirm`),
              params: program.agents[confirm]?.params.map((param) => param.name) ?? [],
            },
      acts:
        tool === undefined
          ? (program.flows[use.callee]?.effects.acts ?? false)
          : tool.effect !== "read",
    };
  }

  tool(name: string, plan: ToolPlan): ToolCode {
    return {
      name,
      plan,
      params: plan.params.map((param) => this.param(param)),
      retry: this.blocks.retry(plan.retry),
      timeoutMs: this.blocks.expression(plan.timeoutMs),
      meaning: once(() => this.meaningOfTool(plan)),
    };
  }

  param(param: ParamPlan): ParamCode {
    return { name: param.name, schema: param.schema, default: this.blocks.optional(param.default) };
  }

  /** Not its name, nor how often it is tried: an agent that is renamed keeps its cache. */
  meaningOfAgent(plan: AgentPlan): string {
    const { schemas, models } = this.program;
    const { retry: _retry, timeoutMs: _timeout, budget: _budget, cache: _cache, ...meaning } = plan;
    const {
      apiKey: _apiKey,
      retry: _modelRetry,
      ...model
    } = models[plan.model] ?? { apiKey: null, retry: null };
    const tools = plan.tools.map((use) => this.program.tools[use.callee] ?? use.callee);
    return sha256(canonicalJson({ meaning, model, tools, returns: schemas[plan.returns] ?? null }));
  }

  meaningOfTool(plan: ToolPlan): string {
    const { retry: _retry, timeoutMs: _timeout, cache: _cache, ...meaning } = plan;
    return sha256(canonicalJson({ meaning, returns: this.program.schemas[plan.returns] ?? null }));
  }
}

/** Providers allow letters, digits, `_` and `-` only. */
function toolName(callee: string): string {
  return callee.replaceAll(/[^A-Za-z0-9_-]/g, "_");
}

function filesOf(prompt: Expression): readonly Expression[] {
  if (prompt.op !== "template") return [];
  return prompt.parts.flatMap((part) =>
    typeof part !== "string" && part.print === "file" ? [part.value] : [],
  );
}

function isText(program: Program, schema: string): boolean {
  const { type, enum: choices, const: only, format } = program.schemas[schema] ?? {};
  return type === "string" && choices === undefined && only === undefined && format === undefined;
}

function mapValues<In, Out>(
  record: { readonly [name: string]: In },
  convert: (name: string, value: In) => Out,
): ReadonlyMap<string, Out> {
  return new Map(
    Object.entries(record).map(([name, value]) => [name, convert(name, value)] as const),
  );
}

function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | null = null;
  return () => (result ??= { value: compute() }).value;
}
