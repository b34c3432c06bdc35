import { DependencyGraph } from "../graph/dependency-graph.ts";
import type { CheckedModule } from "../types/checked.ts";
import type { Action, Block, LetDeclaration, Name, Node, Setting, Step } from "../syntax/tree.ts";
import { isValue } from "./flow-graph.ts";
import type { BlockGraph, FlowGraph, GraphStep } from "./flow-graph.ts";
import { namesInAction, namesInExpression } from "./names-in.ts";

/** One step that is waited for, and the place that mentions it. */
export interface Wait {
  readonly step: Step;
  /** Where its name stands: in a let if it is mentioned through one; the `include(…)` of a text that mentions it. */
  readonly at: Node;
}

const cache = new WeakMap<FlowGraph, FlowWaits>();

/** What waits for what in one flow, derived from what its steps mention. Found out when somebody asks: a check rarely does. */
export function waitsIn(graph: FlowGraph): FlowWaits {
  let waits = cache.get(graph);
  if (waits === undefined) cache.set(graph, (waits = new FlowWaits(graph.module)));
  return waits;
}

class FlowWaits {
  readonly #module: CheckedModule;
  readonly #known = new Map<GraphStep, readonly Wait[]>();
  readonly #letWaits = new Map<LetDeclaration, readonly Wait[]>();
  readonly #entered = new Set<LetDeclaration>();

  constructor(module: CheckedModule) {
    this.#module = module;
  }

  /** What must be done before the head of a step starts, in order of mention, each step once. */
  of(step: GraphStep): readonly Wait[] {
    let waits = this.#known.get(step);
    if (waits === undefined) this.#known.set(step, (waits = this.#ofHead(step.action)));
    return waits;
  }

  /** Steps of blocks around this one that its `output`, `until` or `next` needs. */
  ofOutput({ node, steps }: BlockGraph): readonly Wait[] {
    const waits: Wait[] = [];
    const visit = this.#adding(waits);
    if (node.kind === "block") {
      for (const { key, value } of settings(node))
        if (atEnd.includes(key.text)) namesInAction(value, visit, this.#module);
    } else if (isValue(node, this.#module)) namesInAction(node, visit, this.#module);
    return waits.filter((wait) => !steps.some((step) => step.node === wait.step));
  }

  /** For each step of a block the length of the longest chain of its steps that it waits for. */
  phases({ steps }: BlockGraph): ReadonlyMap<GraphStep, number> {
    const byNode = new Map<Step, GraphStep>();
    for (const step of steps) if (step.node !== null) byNode.set(step.node, step);
    const phases = new Map<GraphStep, number>();
    for (const step of steps) {
      let phase = 0;
      for (const wait of this.of(step)) {
        const other = byNode.get(wait.step);
        if (other === undefined) continue;
        const before = phases.get(other);
        // Whoever mentions only what is written above needs no sorting.
        if (before === undefined) return this.#sortedPhases(steps, byNode);
        phase = Math.max(phase, before + 1);
      }
      phases.set(step, phase);
    }
    return phases;
  }

  #sortedPhases(
    steps: readonly GraphStep[],
    byNode: ReadonlyMap<Step, GraphStep>,
  ): ReadonlyMap<GraphStep, number> {
    const graph = new DependencyGraph();
    const ids = new Map(steps.map((step, index) => [step, String(index)]));
    for (const [step, id] of ids) {
      graph.add(id);
      for (const wait of this.of(step)) {
        const other = byNode.get(wait.step);
        const otherId = other === undefined ? undefined : ids.get(other);
        if (otherId !== undefined) graph.depend(id, otherId);
      }
    }
    const phases = graph.phases();
    return new Map(steps.map((step) => [step, phases.get(ids.get(step) ?? "") ?? 0]));
  }

  /** Settings that see the inside of a block are evaluated later. */
  #ofHead(action: Action): readonly Wait[] {
    const waits: Wait[] = [];
    const visit = this.#adding(waits);
    switch (action.kind) {
      case "invoke":
        namesInExpression(action.expression, visit, this.#module);
        break;
      case "if":
        namesInExpression(action.condition, visit, this.#module);
        return waits;
      case "match":
        namesInExpression(action.subject, visit, this.#module);
        return waits;
      case "for":
        namesInExpression(action.list, visit, this.#module);
        break;
      case "repeat":
      case "race":
        break;
    }
    const late = lateSettings[action.kind];
    for (const { key, value } of action.block === null ? [] : settings(action.block))
      if (!late.includes(key.text)) namesInAction(value, visit, this.#module);
    return waits;
  }

  #adding(waits: Wait[]): (name: Name, at: Node) => void {
    return (name, at) => this.#addWaits(name, at, waits);
  }

  /** Adds what a name waits for, each step once. */
  #addWaits(name: Name, at: Node, waits: Wait[]): void {
    const symbol = this.#module.symbolOf(name);
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
      const symbol = this.#module.symbolOf(name);
      if (symbol?.scope !== "local" || symbol.kind !== "let") return;
      if (!this.#entered.has(symbol.node)) found.push(symbol.node);
    };
    namesInExpression(node.value, visit, this.#module);
    return found;
  }

  #mentionedBy(node: LetDeclaration): readonly Wait[] {
    const waits: Wait[] = [];
    const visit = (name: Name, at: Node): void => {
      const symbol = this.#module.symbolOf(name);
      const isOpen =
        symbol?.scope === "local" && symbol.kind === "let" && !this.#letWaits.has(symbol.node);
      if (!isOpen) this.#addWaits(name, at, waits);
    };
    namesInExpression(node.value, visit, this.#module);
    return waits;
  }
}

/** Settings that are evaluated when the steps of their block are done. */
const atEnd: readonly string[] = ["output", "until", "next"];

/** Settings that are evaluated after the head of an action. */
const lateSettings: Readonly<Record<"invoke" | "for" | "repeat" | "race", readonly string[]>> = {
  invoke: ["fallback", "undo"],
  for: ["output", "fallback"],
  repeat: ["output", "until", "fallback"],
  race: ["output", "fallback"],
};

function settings(block: Block): readonly Setting[] {
  return block.entries.filter((entry) => entry.kind === "setting");
}

function isAmong(step: Step, waits: readonly Wait[]): boolean {
  for (const wait of waits) if (wait.step === step) return true;
  return false;
}
