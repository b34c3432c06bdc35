import type {
  CheckedFlow,
  CheckedModule,
  ResolvedCall,
  ResolvedSetting,
} from "../types/checked.ts";
import type { Action, ActionEntry, Block, Invoke, LetDeclaration, Step } from "../syntax/tree.ts";
import { innermost } from "./innermost.ts";

/** The steps of one flow. They depend on the text of the flow only, not on its instances. */
export interface FlowGraph {
  readonly module: CheckedModule;
  readonly body: BlockGraph;
  /** Every action that stands as a step, at any depth: those of a block behind those inside them. */
  readonly steps: readonly GraphStep[];
  /** Every block, each behind those inside it. */
  readonly blocks: readonly BlockGraph[];
  /** Every call, at any depth, fallbacks and compensations included. */
  readonly calls: readonly FlowCall[];
  /** True if any step has an `undo`. */
  readonly hasUndo: boolean;
  stepOf(action: Action): GraphStep | undefined;
  /** By its syntax node; an arm, fallback or the like that is a single action, by that action. */
  blockOf(body: Body): BlockGraph | undefined;
}

/** A block, or a single action where a block could stand. */
export type Body = Block | Action;

export interface BlockGraph {
  readonly node: Body;
  readonly steps: readonly GraphStep[];
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

const cache = new WeakMap<CheckedModule, Map<CheckedFlow["node"], FlowGraph>>();

/** Built once per module and flow; an unchanged module keeps its graphs. */
export function flowGraph(module: CheckedModule, flow: CheckedFlow): FlowGraph {
  let graphs = cache.get(module);
  if (graphs === undefined) cache.set(module, (graphs = new Map<CheckedFlow["node"], FlowGraph>()));
  let graph = graphs.get(flow.node);
  if (graph === undefined) graphs.set(flow.node, (graph = new Graph(module, flow)));
  return graph;
}

/** The resolved call that an action is, if it is one. */
export function resolvedCall(module: CheckedModule, action: Action): ResolvedCall | null {
  if (action.kind !== "invoke") return null;
  const expression = innermost(action.expression);
  return expression.kind === "call" ? (module.callOf(expression) ?? null) : null;
}

const noSettings: ReadonlyMap<string, ResolvedSetting> = new Map();
const noBlocks: readonly BlockGraph[] = [];

function callOf(module: CheckedModule, step: GraphStep): FlowCall | null {
  const { action } = step;
  if (action.kind !== "invoke") return null;
  const call = resolvedCall(module, action);
  if (call === null) return null;
  const settings = action.block === null ? noSettings : module.settingsOf(action.block);
  return { step, invoke: action, call, module, settings };
}

/** A step and its call know each other. */
type Draft = { -readonly [Key in keyof GraphStep]: GraphStep[Key] };

class Graph implements FlowGraph {
  readonly module: CheckedModule;
  readonly body: BlockGraph;
  readonly steps: GraphStep[] = [];
  readonly blocks: BlockGraph[] = [];
  readonly calls: FlowCall[] = [];
  hasUndo = false;
  #byAction: ReadonlyMap<Action, GraphStep> | null = null;
  #byBody: ReadonlyMap<Body, BlockGraph> | null = null;

  constructor(module: CheckedModule, { node, symbol: { name } }: CheckedFlow) {
    this.module = module;
    this.body = this.#block(node.block, name);
    for (const entry of node.block.entries) {
      if (entry.kind === "setting" && entry.key.text === "fallback")
        this.#block(entry.value, `${name}!fallback`);
      if (entry.kind !== "state" || entry.block === null) continue;
      for (const setting of entry.block.entries) {
        if (setting.kind !== "setting" || setting.key.text !== "onIdle") continue;
        this.#block(setting.value, `${name}.${entry.name.text}!idle`);
      }
    }
    // They stay in memory: without room for more.
    this.steps = this.steps.slice();
    this.blocks = this.blocks.slice();
    this.calls = this.calls.slice();
  }

  stepOf(action: Action): GraphStep | undefined {
    this.#byAction ??= new Map(this.steps.map((step) => [step.action, step]));
    return this.#byAction.get(action);
  }

  blockOf(body: Body): BlockGraph | undefined {
    this.#byBody ??= new Map(this.blocks.map((block) => [block.node, block]));
    return this.#byBody.get(body);
  }

  #block(node: Body, path: string): BlockGraph {
    const steps = stepEntries(node, this.module).map((entry) => this.#step(entry, path));
    for (const step of steps) {
      this.steps.push(step);
      if (step.call !== null) this.calls.push(step.call);
    }
    const block = { node, steps };
    this.blocks.push(block);
    return block;
  }

  #step(entry: Step | ActionEntry | Action, blockPath: string): GraphStep {
    const node = entry.kind === "step" ? entry : null;
    const action = entry.kind === "step" || entry.kind === "action" ? entry.action : entry;
    const name = node?.name.text ?? "";
    const path = node === null ? blockPath : `${blockPath}.${name}`;
    const blocks = this.#blocksIn(action, path);
    const step: Draft = { node, name, entry, action, path, blocks, call: null };
    step.call = callOf(this.module, step);
    return step;
  }

  #blocksIn(action: Action, path: string): readonly BlockGraph[] {
    if (action.kind === "invoke" && action.block === null) return noBlocks;
    const blocks: BlockGraph[] = [];
    switch (action.kind) {
      case "invoke":
        this.#blocksOfSetting("fallback", action.block, path, blocks);
        this.#blocksOfSetting("undo", action.block, path, blocks);
        if (blocks.length === 0) return noBlocks;
        break;
      case "if":
        blocks.push(this.#block(action.then, path));
        if (action.else !== null) blocks.push(this.#block(action.else, path));
        break;
      case "match":
        for (const { body } of action.arms) blocks.push(this.#block(body, path));
        break;
      case "for":
      case "repeat":
      case "race":
        blocks.push(this.#block(action.block, path + suffixes[action.kind]));
        this.#blocksOfSetting("fallback", action.block, path, blocks);
        break;
    }
    return blocks;
  }

  #blocksOfSetting(
    key: "fallback" | "undo",
    block: Block | null,
    path: string,
    blocks: BlockGraph[],
  ): void {
    for (const entry of block?.entries ?? []) {
      if (entry.kind !== "setting" || entry.key.text !== key) continue;
      if (key === "undo") this.hasUndo = true;
      blocks.push(this.#block(entry.value, `${path}!${key}`));
    }
  }
}

/** What the steps inside add to the path of the step around them. */
const suffixes = { for: "[]", repeat: "#", race: "" } as const;

/** The named and unnamed actions that are steps, as written. */
function stepEntries(node: Body, module: CheckedModule): readonly (Step | ActionEntry | Action)[] {
  if (node.kind !== "block") return isValue(node, module) ? [] : [node];
  return node.entries.filter((entry) => entry.kind === "step" || entry.kind === "action");
}

export function letsOf({ node }: BlockGraph): readonly LetDeclaration[] {
  return node.kind === "block" ? node.entries.filter((entry) => entry.kind === "let") : [];
}

/** A plain value where an action may stand has no step of its own: it is its block's value. */
export function isValue(action: Action, module: CheckedModule): boolean {
  if (action.kind !== "invoke") return false;
  const call = innermost(action.expression);
  if (call.kind !== "call") return true;
  const callee = module.callOf(call)?.callee.kind;
  return callee === "pure" || callee === "method" || callee === "test" || callee === undefined;
}
