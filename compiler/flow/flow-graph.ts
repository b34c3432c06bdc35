import type {
  CheckedFlow,
  CheckedModule,
  ResolvedCall,
  ResolvedSetting,
} from "../types/checked.ts";
import type {
  Action,
  ActionEntry,
  Block,
  Expression,
  Invoke,
  LetDeclaration,
  Name,
  Node,
  Setting,
  Step,
} from "../syntax/tree.ts";
import { DependencyGraph } from "../graph/dependency-graph.ts";
import { innermost } from "./innermost.ts";
import { namesInAction, namesInExpression } from "./names-in.ts";

/**
 * What waits for what in one flow, derived from what its steps mention. It depends on the text of the flow only, not on
 * its instances.
 */
export interface FlowGraph {
  readonly body: BlockGraph;
  /** Every action that stands as a step, at any depth, by its syntax node. */
  readonly steps: ReadonlyMap<Action, GraphStep>;
  /** Every block, by its syntax node; an arm, fallback or the like that is a single action, by that action. */
  readonly blocks: ReadonlyMap<Body, BlockGraph>;
  /** Every call, at any depth, fallbacks and compensations included. */
  readonly calls: readonly FlowCall[];
}

/** A block, or a single action where a block could stand. */
export type Body = Block | Action;

export interface BlockGraph {
  readonly node: Body;
  readonly steps: readonly GraphStep[];
  readonly lets: readonly LetDeclaration[];
  /** Steps of blocks around this one that its `output`, `until` or `next` needs. */
  readonly outputWaits: readonly Wait[];
}

export interface GraphStep {
  /** Null for an unnamed action. */
  readonly node: Step | null;
  /** Empty for an unnamed action. */
  readonly name: string;
  readonly entry: Step | ActionEntry | Action;
  readonly action: Action;
  /** Static path: `team.solutions[].accepted#.review`. */
  readonly path: string;
  /** Length of the longest chain of steps of the same block it waits for. */
  readonly phase: number;
  /** What must be done before its head starts, in order of mention, each step once. */
  readonly waits: readonly Wait[];
  /** Blocks directly inside. */
  readonly blocks: readonly BlockGraph[];
  /** Null for a step that calls nothing. */
  readonly call: FlowCall | null;
}

/** One call in one flow. */
export interface FlowCall {
  readonly step: GraphStep;
  readonly invoke: Invoke;
  readonly call: ResolvedCall;
  readonly module: CheckedModule;
  /** The call's own settings. */
  readonly settings: ReadonlyMap<string, ResolvedSetting>;
}

/** One step that is waited for, and the place that mentions it. */
export interface Wait {
  readonly step: Step;
  /** Where its name stands: in a let if it is mentioned through one; the `include(…)` of a text that mentions it. */
  readonly at: Node;
}

const cache = new WeakMap<CheckedModule, Map<CheckedFlow["node"], FlowGraph>>();

/** Built once per module and flow; an unchanged module keeps its graphs. */
export function flowGraph(module: CheckedModule, flow: CheckedFlow): FlowGraph {
  let graphs = cache.get(module);
  if (graphs === undefined) cache.set(module, (graphs = new Map<CheckedFlow["node"], FlowGraph>()));
  let graph = graphs.get(flow.node);
  if (graph === undefined) graphs.set(flow.node, (graph = buildGraph(module, flow)));
  return graph;
}

function buildGraph(module: CheckedModule, flow: CheckedFlow): FlowGraph {
  const builder = new Builder(module);
  const name = flow.symbol.name;
  const body = builder.block(flow.node.block, name);
  for (const entry of flow.node.block.entries) {
    if (entry.kind === "setting" && entry.key.text === "fallback")
      builder.block(entry.value, `${name}!fallback`);
    if (entry.kind !== "state" || entry.block === null) continue;
    for (const setting of entry.block.entries) {
      if (setting.kind !== "setting" || setting.key.text !== "onIdle") continue;
      builder.block(setting.value, `${name}.${entry.name.text}!idle`);
    }
  }
  const { steps, blocks } = builder;
  const calls: FlowCall[] = [];
  for (const step of steps.values()) if (step.call !== null) calls.push(step.call);
  return { body, steps, blocks, calls };
}

/** The resolved call that an action is, if it is one. */
export function resolvedCall(module: CheckedModule, action: Action): ResolvedCall | null {
  if (action.kind !== "invoke") return null;
  const expression = innermost(action.expression);
  return expression.kind === "call" ? (module.callOf(expression) ?? null) : null;
}

const noSettings: ReadonlyMap<string, ResolvedSetting> = new Map();

function callOf(module: CheckedModule, step: GraphStep): FlowCall | null {
  const { action } = step;
  if (action.kind !== "invoke") return null;
  const call = resolvedCall(module, action);
  if (call === null) return null;
  const settings = action.block === null ? noSettings : module.settingsOf(action.block);
  return { step, invoke: action, call, module, settings };
}

/** A step whose phase is found when all steps of its block are known. */
type Draft = { -readonly [Key in keyof GraphStep]: GraphStep[Key] };

class Builder {
  readonly steps = new Map<Action, GraphStep>();
  readonly blocks = new Map<Body, BlockGraph>();
  readonly module: CheckedModule;
  readonly #letWaits = new Map<LetDeclaration, readonly Wait[]>();
  readonly #entered = new Set<LetDeclaration>();

  constructor(module: CheckedModule) {
    this.module = module;
  }

  block(node: Body, path: string): BlockGraph {
    const entries = node.kind === "block" ? node.entries : [];
    const actions =
      node.kind === "block" ? stepEntries(node) : isValue(node, this.module) ? [] : [node];
    const steps = actions.map((entry) => this.#step(entry, path));
    setPhases(steps);
    for (const step of steps) this.steps.set(step.action, step);
    const graph: BlockGraph = {
      node,
      steps,
      lets: entries.filter((entry) => entry.kind === "let"),
      outputWaits: this.#outputWaits(node, steps),
    };
    this.blocks.set(node, graph);
    return graph;
  }

  #step(entry: Step | ActionEntry | Action, blockPath: string): Draft {
    const node = entry.kind === "step" ? entry : null;
    const action = entry.kind === "step" || entry.kind === "action" ? entry.action : entry;
    const path = node === null ? blockPath : `${blockPath}.${node.name.text}`;
    const waits = this.#waitsOf(headParts(action));
    const blocks = bodiesOf(action).map(([body, suffix]) => this.block(body, path + suffix));
    const name = node?.name.text ?? "";
    const step: Draft = { node, name, entry, action, path, phase: 0, waits, blocks, call: null };
    step.call = callOf(this.module, step);
    return step;
  }

  #waitsOf(parts: readonly Action[]): readonly Wait[] {
    const waits: Wait[] = [];
    const visit = (name: Name, at: Node): void => this.#addWaits(name, at, waits);
    for (const part of parts) namesInAction(part, visit, this.module);
    return waits;
  }

  /** Adds what a name waits for, each step once. */
  #addWaits(name: Name, at: Node, waits: Wait[]): void {
    const symbol = this.module.symbolOf(name);
    if (symbol?.scope !== "local") return;
    if (symbol.kind === "step") {
      const step = symbol.node;
      if (!isAmong(step, waits)) waits.push({ step, at });
    } else if (symbol.kind === "let") {
      for (const wait of this.#waitsOfLet(symbol.node))
        if (!isAmong(wait.step, waits)) waits.push(wait);
    }
  }

  #waitsOfLet(node: LetDeclaration): readonly Wait[] {
    // Lets that this one is made of come first, without recursion: generated programs have chains of thousands.
    const open = [node];
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const missing = this.#entered.has(last) ? [] : this.#letsIn(last);
      this.#entered.add(last);
      open.push(...missing);
      if (missing.length > 0) continue;
      open.pop();
      if (!this.#letWaits.has(last)) this.#letWaits.set(last, this.#mentionedBy(last));
    }
    return this.#letWaits.get(node) ?? [];
  }

  /** Lets mentioned by this one that have not been looked at. One that mentions itself is reported elsewhere. */
  #letsIn(node: LetDeclaration): readonly LetDeclaration[] {
    const found: LetDeclaration[] = [];
    const visit = (name: Name): void => {
      const symbol = this.module.symbolOf(name);
      if (symbol?.scope !== "local" || symbol.kind !== "let") return;
      if (!this.#entered.has(symbol.node)) found.push(symbol.node);
    };
    namesInExpression(node.value, visit, this.module);
    return found;
  }

  #mentionedBy(node: LetDeclaration): readonly Wait[] {
    const waits: Wait[] = [];
    const visit = (name: Name, at: Node): void => {
      const symbol = this.module.symbolOf(name);
      const isOpen =
        symbol?.scope === "local" && symbol.kind === "let" && !this.#letWaits.has(symbol.node);
      if (!isOpen) this.#addWaits(name, at, waits);
    };
    namesInExpression(node.value, visit, this.module);
    return waits;
  }

  #outputWaits(node: Body, steps: readonly GraphStep[]): readonly Wait[] {
    const parts =
      node.kind !== "block"
        ? valueParts(node, this.module)
        : settingsCalled(node, ["output", "until", "next"]);
    const waits = this.#waitsOf(parts);
    if (waits.length === 0) return waits;
    const inner = new Set<Step>();
    for (const step of steps) if (step.node !== null) inner.add(step.node);
    return waits.filter((wait) => !inner.has(wait.step));
  }
}

/** The named and unnamed actions of a block that are steps, as written. */
function stepEntries(block: Block): readonly (Step | ActionEntry)[] {
  return block.entries.filter((entry) => entry.kind === "step" || entry.kind === "action");
}

/** A plain value where an action may stand has no step of its own: it is its block's value. */
export function isValue(action: Action, module: CheckedModule): boolean {
  if (action.kind !== "invoke") return false;
  const call = innermost(action.expression);
  if (call.kind !== "call") return true;
  const callee = module.callOf(call)?.callee.kind;
  return callee === "pure" || callee === "method" || callee === "test" || callee === undefined;
}

function valueParts(node: Action, module: CheckedModule): readonly Action[] {
  return isValue(node, module) ? [node] : [];
}

function settingsCalled(block: Block, keys: readonly string[]): readonly Action[] {
  return settings(block)
    .filter((setting) => keys.includes(setting.key.text))
    .map((setting) => setting.value);
}

function settingsBut(block: Block | null, keys: readonly string[]): readonly Action[] {
  if (block === null) return [];
  return settings(block)
    .filter((setting) => !keys.includes(setting.key.text))
    .map((setting) => setting.value);
}

function settings(block: Block): readonly Setting[] {
  return block.entries.filter((entry) => entry.kind === "setting");
}

/** What an action needs before it starts. Settings that see the inside of a block are evaluated later. */
function headParts(action: Action): readonly Action[] {
  switch (action.kind) {
    case "invoke":
      return [asAction(action.expression), ...settingsBut(action.block, ["fallback", "undo"])];
    case "if":
      return [asAction(action.condition)];
    case "match":
      return [asAction(action.subject)];
    case "for":
      return [asAction(action.list), ...settingsBut(action.block, ["output", "fallback"])];
    case "repeat":
      return settingsBut(action.block, ["output", "until", "fallback"]);
    case "race":
      return settingsBut(action.block, ["output", "fallback"]);
  }
}

function asAction(expression: Expression): Action {
  return { kind: "invoke", expression, block: null, start: expression.start, end: expression.end };
}

/** The blocks inside an action, each with what its steps' paths add to the path of the action. */
export function bodiesOf(action: Action): readonly (readonly [Body, string])[] {
  switch (action.kind) {
    case "invoke":
      return action.block === null ? [] : [...fallbackOf(action.block), ...undoOf(action.block)];
    case "if":
      return action.else === null
        ? [[action.then, ""]]
        : [
            [action.then, ""],
            [action.else, ""],
          ];
    case "match":
      return action.arms.map((arm) => [arm.body, ""] as const);
    case "for":
      return [[action.block, "[]"], ...fallbackOf(action.block)];
    case "repeat":
      return [[action.block, "#"], ...fallbackOf(action.block)];
    case "race":
      return [[action.block, ""], ...fallbackOf(action.block)];
  }
}

function fallbackOf(block: Block): readonly (readonly [Body, string])[] {
  return settingsCalled(block, ["fallback"]).map((value) => [value, "!fallback"] as const);
}

function undoOf(block: Block): readonly (readonly [Body, string])[] {
  return settingsCalled(block, ["undo"]).map((value) => [value, "!undo"] as const);
}

function isAmong(step: Step, waits: readonly Wait[]): boolean {
  for (const wait of waits) if (wait.step === step) return true;
  return false;
}

function setPhases(steps: readonly Draft[]): void {
  const phases = new Map<GraphStep["entry"], number>();
  for (const step of steps) phases.set(step.entry, -1);
  for (const step of steps) {
    for (const wait of step.waits) {
      const phase = phases.get(wait.step);
      // Whoever mentions only what is written above needs no sorting.
      if (phase === -1) return setSortedPhases(steps);
      if (phase !== undefined && phase >= step.phase) step.phase = phase + 1;
    }
    phases.set(step.entry, step.phase);
  }
}

function setSortedPhases(steps: readonly Draft[]): void {
  const graph = new DependencyGraph();
  const ids = new Map(steps.map((step, index) => [step.entry, String(index)]));
  for (const step of steps) {
    const id = ids.get(step.entry) ?? "";
    graph.add(id);
    for (const wait of step.waits) {
      const other = ids.get(wait.step);
      if (other !== undefined) graph.depend(id, other);
    }
  }
  const phases = graph.phases();
  for (const step of steps) step.phase = phases.get(ids.get(step.entry) ?? "") ?? 0;
}
