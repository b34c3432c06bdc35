import { targetsOf } from "../flow/calls.ts";
import { effectsOf } from "../flow/effects.ts";
import { flowGraph } from "../flow/flow-graph.ts";
import type { BlockGraph, FlowGraph, GraphStep } from "../flow/flow-graph.ts";
import { stepsInside } from "../flow/steps-inside.ts";
import { postOrder } from "../graph/post-order.ts";
import { insert, spanOf } from "../names/reporter.ts";
import type { Edit } from "../diagnostics/diagnostic.ts";
import type { CheckedFlow } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF4010: where something can be undone, what acts must have an order, because undoing goes backwards through it. */
export const unorderedActingSteps: Rule = (context) => {
  for (const flow of context.flows) checkFlow(flow, context);
};

function checkFlow(flow: CheckedFlow, context: RuleContext): void {
  const graph = flowGraph(context.module, flow);
  const all = [...graph.steps.values()];
  if (!all.some((step) => step.path.endsWith("!undo"))) return;
  const order = new Order(graph);
  const acting = all.filter(
    (step) => !step.path.includes("!undo") && acts(step, flow, context) && !isFree(step, context),
  );
  acting.sort((left, right) => left.entry.start - right.entry.start);
  // One report for each step that lacks an order: the nearest step before it is the one to wait for.
  acting.forEach((later, index) => {
    const earlier = acting
      .slice(0, index)
      .findLast((candidate) => !order.related(candidate, later));
    if (earlier !== undefined) reportPair(earlier, later, context);
  });
}

function acts(step: GraphStep, flow: CheckedFlow, { program }: RuleContext): boolean {
  const { call } = step;
  const targets = call === null ? [] : targetsOf(program, call, plainInstance(flow.symbol));
  return targets.some((target) => effectsOf(program, target).acts);
}

/** `after: []` says that the order does not matter. */
function isFree(step: GraphStep, { module }: RuleContext): boolean {
  if (step.action.kind !== "invoke" || step.action.block === null) return false;
  const after = module.settingsOf(step.action.block).get("after")?.value;
  return (
    after?.kind === "invoke" &&
    after.expression.kind === "listLiteral" &&
    after.expression.items.length === 0
  );
}

function reportPair(earlier: GraphStep, later: GraphStep, { module, report }: RuleContext): void {
  const [first, second] = [nameOf(earlier), nameOf(later)];
  const edit = earlier.node === null ? null : addAfter(later, earlier.node.name.text, module.file);
  report({
    code: "AF4010",
    at: later.node?.name ?? later.action,
    message: `${first} and ${second} both change something outside, but nothing says which comes first`,
    related: [
      {
        span: spanOf(module.file, earlier.node?.name ?? earlier.action),
        message: `this acts, too`,
      },
    ],
    help: `this flow undoes what it did in reverse order: add \`after: ${earlier.node?.name.text ?? "step"}\` to ${second}, or \`after: []\` if their order does not matter`,
    fixes:
      edit === null
        ? []
        : [{ title: `let ${second} wait for ${first}`, edits: [edit], safe: false }],
  });
}

function nameOf(step: GraphStep): string {
  return step.node === null ? `the step \`${step.path}\`` : `\`${step.node.name.text}\``;
}

function addAfter(step: GraphStep, name: string, file: string): Edit | null {
  const { action } = step;
  if (action.kind !== "invoke") return null;
  if (action.block === null) return insert(file, action.end, ` { after: ${name} }`);
  return insert(file, action.block.start + 1, ` after: ${name} `);
}

/** Which steps are done before which, and which can never both run. */
class Order {
  readonly #parents = new Map<
    GraphStep,
    { readonly step: GraphStep; readonly block: BlockGraph }
  >();
  readonly #numbers: ReadonlyMap<GraphStep, number>;
  readonly #none: StepSet;
  readonly #before = new Map<GraphStep, StepSet>();
  readonly #byNode = new Map<GraphStep["node"], GraphStep>();

  constructor(graph: FlowGraph) {
    this.#numbers = new Map([...graph.steps.values()].map((step, index) => [step, index]));
    this.#none = new StepSet(new Map());
    for (const step of graph.steps.values()) {
      if (step.node !== null) this.#byNode.set(step.node, step);
      for (const block of step.blocks)
        for (const inner of block.steps) this.#parents.set(inner, { step, block });
    }
    for (const step of postOrder(graph.steps.values(), (one) => this.#sourcesOf(one)))
      this.#before.set(step, this.#united(step));
  }

  /** True if one waits for the other, one stands inside the other, or only one of them runs. */
  related(left: GraphStep, right: GraphStep): boolean {
    if (this.#beforeOf(left).has(right) || this.#beforeOf(right).has(left)) return true;
    return this.#sameLineOrBranch(left, right);
  }

  #sameLineOrBranch(left: GraphStep, right: GraphStep): boolean {
    const [lineLeft, lineRight] = [this.#line(left), this.#line(right)];
    if (lineLeft.some(({ step }) => step === right) || lineRight.some(({ step }) => step === left))
      return true;
    return lineLeft.some(({ step, block }) => {
      const other = lineRight.find((candidate) => candidate.step === step);
      if (other === undefined || other.block === block) return false;
      // Branches and arms exclude each other; a fallback starts when its step has failed.
      return (
        step.action.kind === "if" || step.action.kind === "match" || step.action.kind === "invoke"
      );
    });
  }

  /** The steps around a step, each with the block through which it is reached. */
  #line(step: GraphStep): readonly { readonly step: GraphStep; readonly block: BlockGraph }[] {
    const parent = this.#parents.get(step);
    return parent === undefined ? [] : [parent, ...this.#line(parent.step)];
  }

  /** The steps it waits for, with all inside them, and the step around it. */
  #sourcesOf(step: GraphStep): readonly GraphStep[] {
    const waited = step.waits.flatMap((wait) => {
      const other = this.#byNode.get(wait.step);
      return other === undefined || other === step ? [] : stepsInside(other);
    });
    const parent = this.#parents.get(step);
    return parent === undefined ? waited : [...waited, parent.step];
  }

  #beforeOf(step: GraphStep): StepSet {
    return this.#before.get(step) ?? this.#none;
  }

  #united(step: GraphStep): StepSet {
    const around = this.#parents.get(step)?.step;
    const before = new StepSet(this.#numbers);
    for (const source of this.#sourcesOf(step)) {
      if (source !== around) before.add(source);
      before.addAll(this.#before.get(source) ?? this.#none);
    }
    return before;
  }
}

/** A set of a flow's steps, one bit each: long flows have one such set for every step. */
class StepSet {
  readonly #numbers: ReadonlyMap<GraphStep, number>;
  readonly #words: Uint32Array;

  constructor(numbers: ReadonlyMap<GraphStep, number>) {
    this.#numbers = numbers;
    this.#words = new Uint32Array(Math.ceil(numbers.size / 32));
  }

  has(step: GraphStep): boolean {
    const number = this.#numbers.get(step);
    return number !== undefined && ((this.#words[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

  add(step: GraphStep): void {
    const number = this.#numbers.get(step);
    if (number === undefined) return;
    this.#words[number >>> 5] = (this.#words[number >>> 5] ?? 0) | (1 << (number & 31));
  }

  addAll(others: StepSet): void {
    others.#words.forEach((word, index) => {
      this.#words[index] = (this.#words[index] ?? 0) | word;
    });
  }
}
