import { postOrder } from "../graph/post-order.ts";
import type { BlockGraph, FlowGraph, GraphStep } from "./flow-graph.ts";
import { waitsIn } from "./flow-waits.ts";
import { stepsInside } from "./steps-inside.ts";

/** Which steps are done before which, and which can never both run. */
export class StepOrder {
  readonly #parents = new Map<
    GraphStep,
    { readonly step: GraphStep; readonly block: BlockGraph }
  >();
  readonly #numbers: ReadonlyMap<GraphStep, number>;
  readonly #waits: ReturnType<typeof waitsIn>;
  readonly #none: StepSet;
  readonly #before = new Map<GraphStep, StepSet>();
  readonly #byNode = new Map<GraphStep["node"], GraphStep>();

  constructor(graph: FlowGraph) {
    this.#numbers = new Map(graph.steps.map((step, index) => [step, index]));
    this.#waits = waitsIn(graph);
    this.#none = new StepSet(new Map());
    for (const step of graph.steps) {
      if (step.node !== null) this.#byNode.set(step.node, step);
      for (const block of step.blocks)
        for (const inner of block.steps) this.#parents.set(inner, { step, block });
    }
    for (const step of postOrder(graph.steps, (one) => this.#sourcesOf(one)))
      this.#before.set(step, this.#united(step));
  }

  /** True if one waits for the other, one stands inside the other, or only one of them runs. */
  related(left: GraphStep, right: GraphStep): boolean {
    if (this.#beforeOf(left).has(right) || this.#beforeOf(right).has(left)) return true;
    return this.#sameLineOrBranch(left, right);
  }

  /** True if `earlier` is done whenever `later` begins. */
  isBefore(earlier: GraphStep, later: GraphStep): boolean {
    return this.#beforeOf(later).has(earlier);
  }

  /** The step that a name stands for. */
  stepOf(node: GraphStep["node"]): GraphStep | undefined {
    return this.#byNode.get(node);
  }

  /** The step whose block, `fallback` or `undo` a step stands in. */
  around(step: GraphStep): GraphStep | undefined {
    return this.#parents.get(step)?.step;
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
    const waited = this.#waits.of(step).flatMap((wait) => {
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
