import type { PlanSource } from "../../plan/plan.ts";
import { flowGraph } from "../flow/flow-graph.ts";
import type { Reach } from "../flow/reach.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Node } from "../syntax/tree.ts";
import { lineStarts, positionAt } from "./line-starts.ts";
import type { LowerContext } from "./lower-context.ts";

type Span = PlanSource["spans"][string];

/** Where each part of the plan was written. */
export function sourceOf(context: LowerContext, reach: Reach): PlanSource {
  const spans = new Map<string, Span>();
  const files = new Files(context);
  const add = (key: string, file: string, node: Node) => {
    if (!spans.has(key)) spans.set(key, files.span(file, node));
  };
  const addSymbol = (symbol: GlobalSymbol) => {
    const declaration = context.program.declarationOf(symbol);
    if (declaration !== undefined)
      add(`${symbol.kind}:${context.names.of(symbol)}`, symbol.file, declaration.node);
  };
  for (const symbols of [reach.models, reach.roles, reach.agents, reach.tools]) {
    for (const symbol of symbols.values()) addSymbol(symbol);
  }
  for (const { instance, flow, module } of reach.flows.values()) {
    add(`flow:${context.names.ofFlow(instance)}`, module.file, flow.node);
    // An unnamed action shares the path of its block; the step around it was added first.
    const steps = [...flowGraph(module, flow).steps].sort(
      (left, right) => left.entry.start - right.entry.start,
    );
    for (const step of steps) add(step.path, module.file, step.entry);
  }
  return {
    files: files.paths,
    spans: Object.fromEntries([...spans].sort(([left], [right]) => (left < right ? -1 : 1))),
  };
}

class Files {
  readonly paths: string[] = [];
  readonly #indices = new Map<string, number>();
  readonly #starts = new Map<string, readonly number[]>();
  readonly #context: LowerContext;

  constructor(context: LowerContext) {
    this.#context = context;
    for (const file of context.program.modules.keys()) this.#index(file);
  }

  span(file: string, node: Node): Span {
    let starts = this.#starts.get(file);
    if (starts === undefined) {
      starts = lineStarts(this.#context.program.modules.get(file)?.parse.text ?? "");
      this.#starts.set(file, starts);
    }
    const { line, column } = positionAt(starts, node.start);
    return [this.#index(file), node.start, node.end, line, column];
  }

  #index(file: string): number {
    let index = this.#indices.get(file);
    if (index === undefined) {
      index = this.paths.push(this.#context.paths.of(file)) - 1;
      this.#indices.set(file, index);
    }
    return index;
  }
}
