import type { CachePlan, Callee, Program } from "../plan/plan.ts";
import { callsOfFlow } from "../plan/walk-plan.ts";

/** What a run of one flow may need. */
export interface Reachable {
  readonly flows: ReadonlySet<string>;
  readonly agents: ReadonlySet<string>;
  readonly tools: ReadonlySet<string>;
  readonly models: ReadonlySet<string>;
  /** Names of `config`, with what needs them. Triggers do not count: a run that was started needs none. */
  readonly config: ReadonlyMap<string, string>;
}

/** Everything that a run of `flow` may call or read, through calls, roles, tools of agents, and back-up models. */
export function reachableFrom(
  program: Program,
  flow: string,
  options: { readonly mocked: boolean },
): Reachable {
  const walk = new Walk(program, options.mocked);
  walk.flow(flow);
  return walk;
}

class Walk implements Reachable {
  readonly flows = new Set<string>();
  readonly agents = new Set<string>();
  readonly tools = new Set<string>();
  readonly models = new Set<string>();
  readonly config = new Map<string, string>();
  readonly program: Program;
  readonly mocked: boolean;

  constructor(program: Program, mocked: boolean) {
    this.program = program;
    this.mocked = mocked;
  }

  flow(id: string): void {
    const plan = this.program.flows[id];
    if (plan === undefined || this.flows.has(id)) return;
    this.flows.add(id);
    const { triggers: _, ...used } = plan;
    this.configIn(used, `flow ${plan.name}`);
    for (const call of callsOfFlow(plan)) {
      this.callee(call.callee);
      if (call.model !== undefined) this.model(call.model);
      this.cache(call.cache);
      for (const agent of Object.keys(call.handoffs ?? {})) this.agent(agent);
      for (const targets of Object.values(call.handoffs ?? {}))
        for (const agent of targets) this.agent(agent);
    }
  }

  callee(callee: Callee): void {
    switch (callee.kind) {
      case "agent":
      case "tool":
      case "flow":
        this.callable(callee.kind, callee.name);
        break;
      case "role":
      case "value":
        for (const filler of this.program.roles[callee.role]?.fillers ?? [])
          this.callable(filler.kind, filler.name);
        break;
      case "fail":
      case "sleep":
      case "receive":
      case "emit":
      case "continue":
        break;
    }
  }

  callable(kind: "agent" | "tool" | "flow", name: string): void {
    if (kind === "agent") this.agent(name);
    else if (kind === "tool") this.tool(name);
    else this.flow(name);
  }

  agent(name: string): void {
    const plan = this.program.agents[name];
    if (plan === undefined || this.agents.has(name)) return;
    this.agents.add(name);
    this.configIn(plan, `agent ${name}`);
    this.model(plan.model);
    this.cache(plan.cache);
    for (const use of plan.tools) this.callable(use.kind, use.callee);
  }

  tool(name: string): void {
    const plan = this.program.tools[name];
    if (plan === undefined || this.tools.has(name)) return;
    this.tools.add(name);
    // The mock model calls tools like any other, and they really do what they do.
    this.configIn(plan, `tool ${name}`);
    this.cache(plan.cache);
    if (plan.confirm !== undefined) this.agent(plan.confirm);
  }

  cache(plan: CachePlan | undefined): void {
    if (plan?.model !== undefined) this.model(plan.model);
  }

  model(name: string): void {
    const plan = this.program.models[name];
    if (plan === undefined || this.models.has(name)) return;
    this.models.add(name);
    // The mock model needs no key and no address.
    if (!this.mocked) this.configIn(plan, `model ${name}`);
    for (const backup of plan.backups) this.model(backup);
  }

  /** Finds `config` in all expressions of a part of the plan. */
  configIn(part: unknown, by: string): void {
    if (typeof part !== "object" || part === null) return;
    if (!Array.isArray(part)) {
      const { op, name } = part as { readonly op?: unknown; readonly name?: unknown };
      if (op === "config" && typeof name === "string" && !this.config.has(name))
        this.config.set(name, by);
    }
    for (const inner of Object.values(part)) this.configIn(inner, by);
  }
}
