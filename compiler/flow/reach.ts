import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedFlow, CheckedModule, CheckedProgram, Instance } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import { callsOf, targetsOf } from "./calls.ts";
import { cacheModel, callable, settingSymbol, settingSymbols, toolsOf } from "./uses.ts";

/** One flow as it is called: with these types and fillers. */
export interface FlowInstance {
  readonly instance: Instance;
  readonly flow: CheckedFlow;
  readonly module: CheckedModule;
}

/** All that runs of some flows can touch. Everything is keyed by id, flows by `instanceId`. */
export interface Reach {
  readonly flows: ReadonlyMap<string, FlowInstance>;
  readonly agents: ReadonlyMap<string, GlobalSymbol>;
  readonly tools: ReadonlyMap<string, GlobalSymbol>;
  readonly models: ReadonlyMap<string, GlobalSymbol>;
  readonly roles: ReadonlyMap<string, GlobalSymbol>;
}

/** Unlike its key, it tells flows of one name in different files apart. */
export function instanceId(instance: Instance): string {
  const { symbol, typeArgs, roleArgs, key } = instance;
  return typeArgs.size === 0 && roleArgs.size === 0 ? symbol.id : `${symbol.file}#${key}`;
}

export function flowInstance(program: CheckedProgram, instance: Instance): FlowInstance | null {
  const flow = callable(program, instance.symbol);
  const module = program.modules.get(instance.symbol.file);
  return flow?.kind === "flow" && module !== undefined ? { instance, flow, module } : null;
}

/**
 * Follows calls, tools, fillers, models and their backups from the given flows; nothing behind the declarations in `except`, by id.
 * Ends on recursive programs, too.
 */
export function reachOf(
  program: CheckedProgram,
  roots: readonly Instance[],
  options: { readonly except?: ReadonlySet<string> } = {},
): Reach {
  const walk = new Walk(program, options.except ?? nobody);
  for (const root of roots) walk.begin(root);
  return walk;
}

const nobody: ReadonlySet<string> = new Set<string>();

class Walk implements Reach {
  readonly flows = new Map<string, FlowInstance>();
  readonly agents = new Map<string, GlobalSymbol>();
  readonly tools = new Map<string, GlobalSymbol>();
  readonly models = new Map<string, GlobalSymbol>();
  readonly roles = new Map<string, GlobalSymbol>();
  readonly program: CheckedProgram;

  readonly except: ReadonlySet<string>;

  constructor(program: CheckedProgram, except: ReadonlySet<string>) {
    this.program = program;
    this.except = except;
  }

  visit(instance: Instance): void {
    if (!this.except.has(instance.symbol.id)) this.begin(instance);
  }

  begin(instance: Instance): void {
    const { symbol } = instance;
    if (symbol.kind === "agent") this.agent(symbol);
    else if (symbol.kind === "tool") this.tool(symbol);
    else if (symbol.kind === "flow") this.flow(instance);
  }

  flow(instance: Instance): void {
    const id = instanceId(instance);
    const found = flowInstance(this.program, instance);
    // Types that grow with every call of a recursive flow would never end.
    if (found === null || this.flows.has(id) || this.flows.size >= 10_000) return;
    this.flows.set(id, found);
    for (const call of callsOf(found.module, found.flow)) {
      const { callee } = call.call;
      if (callee.kind === "role") this.role(callee.symbol);
      if (callee.kind === "roleValue") this.role(callee.role);
      if (callee.kind === "roleParameter" && !instance.roleArgs.has(callee.parameter))
        this.role(callee.role);
      for (const target of targetsOf(this.program, call, instance)) this.visit(target);
      this.model(settingSymbol(this.program, call.settings.get("model")));
      this.model(cacheModel(this.program, call.settings));
    }
  }

  /** A role that is called brings all its fillers: which one answers is known at run time. */
  role(symbol: GlobalSymbol): void {
    if (this.roles.has(symbol.id)) return;
    this.roles.set(symbol.id, symbol);
    for (const filler of this.program.fillers.get(symbol.id) ?? [])
      this.visit(plainInstance(filler));
  }

  agent(symbol: GlobalSymbol): void {
    const agent = callable(this.program, symbol);
    if (agent?.kind !== "agent" || this.agents.has(symbol.id)) return;
    this.agents.set(symbol.id, symbol);
    this.model(settingSymbol(this.program, agent.settings.get("model")));
    this.model(cacheModel(this.program, agent.settings));
    for (const tool of toolsOf(this.program, agent)) this.visit(plainInstance(tool.symbol));
  }

  tool(symbol: GlobalSymbol): void {
    const tool = callable(this.program, symbol);
    if (tool?.kind !== "tool" || this.tools.has(symbol.id)) return;
    this.tools.set(symbol.id, symbol);
    this.model(cacheModel(this.program, tool.settings));
    const confirm = settingSymbol(this.program, tool.settings.get("confirm"));
    if (confirm?.kind === "agent") this.agent(confirm);
  }

  /** A model and its backups; these may be a long chain. */
  model(first: GlobalSymbol | null): void {
    const open = [first];
    for (let symbol = open.pop(); symbol !== undefined; symbol = open.pop()) {
      if (symbol?.kind !== "model" || this.models.has(symbol.id)) continue;
      const model = this.program.declarationOf(symbol);
      if (model?.kind !== "model") continue;
      this.models.set(symbol.id, symbol);
      open.push(...settingSymbols(this.program, model.settings.get("backups")).toReversed());
    }
  }
}
