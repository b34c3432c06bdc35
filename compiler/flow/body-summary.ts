import type { Action, Arm, Block, Entry, LetDeclaration, Step, TypeNode } from "../syntax/tree.ts";
import { namesInExpression } from "./names-in.ts";

/** What rules ask about all that stands between the braces of a declaration. */
export interface BodySummary {
  /** Every name that is mentioned, by its text; without those in included texts. */
  readonly mentioned: ReadonlySet<string>;
  readonly lets: readonly LetDeclaration[];
  /** Types written at steps, lets and states. */
  readonly annotations: readonly TypeNode[];
  /**
   * Steps and lets of which a name like theirs is mentioned before they end. Whatever is part of a circle of steps and lets
   * that wait for one another, some of it is among these.
   */
  readonly early: ReadonlySet<Step | LetDeclaration>;
}

/** Each body is read once, and forgotten when all rules have been asked. */
export class BodySummaries {
  readonly #known = new Map<Block, BodySummary>();

  of(block: Block): BodySummary {
    let summary = this.#known.get(block);
    if (summary === undefined) this.#known.set(block, (summary = new Reader(block)));
    return summary;
  }
}

const noLets: LetDeclaration[] = [];
const noTypes: TypeNode[] = [];
const noMembers = new Set<Step | LetDeclaration>();

/** One walk, and by text alone: to ask what a name means would be to check what is not edited. */
class Reader implements BodySummary {
  readonly mentioned = new Set<string>();
  lets = noLets;
  annotations = noTypes;
  early = noMembers;

  constructor(block: Block) {
    this.#block(block);
  }

  readonly #mention = ({ text }: { readonly text: string }): void => {
    this.mentioned.add(text);
  };

  #block({ entries }: Block): void {
    for (const entry of entries) this.#member(entry);
    // `until` and `output` wait for the steps of their block, and none of these waits for them.
    for (const entry of entries) this.#surrounding(entry);
  }

  #member(entry: Entry): void {
    switch (entry.kind) {
      case "step":
        this.#action(entry.action);
        this.#end(entry);
        return;
      case "let":
        namesInExpression(entry.value, this.#mention);
        if (this.lets === noLets) this.lets = [];
        this.lets.push(entry);
        this.#end(entry);
        return;
      case "action":
        this.#action(entry.action);
        return;
      default:
    }
  }

  #end(member: Step | LetDeclaration): void {
    if (member.type !== null) this.#annotation(member.type);
    if (!this.mentioned.has(member.name.text)) return;
    if (this.early === noMembers) this.early = new Set<Step | LetDeclaration>();
    this.early.add(member);
  }

  #annotation(type: TypeNode): void {
    if (this.annotations === noTypes) this.annotations = [];
    this.annotations.push(type);
  }

  #surrounding(entry: Entry): void {
    switch (entry.kind) {
      case "setting":
        this.#action(entry.value);
        return;
      case "spread":
        this.#mention(entry.name);
        return;
      case "expect":
        namesInExpression(entry.condition, this.#mention);
        return;
      case "state":
        this.#annotation(entry.type);
        namesInExpression(entry.initial, this.#mention);
        if (entry.block !== null) this.#block(entry.block);
        return;
      case "on":
        for (const { value } of entry.args) namesInExpression(value, this.#mention);
        if (entry.block !== null) this.#block(entry.block);
        return;
      default:
    }
  }

  #action(action: Action): void {
    switch (action.kind) {
      case "invoke":
        namesInExpression(action.expression, this.#mention);
        if (action.block !== null) this.#block(action.block);
        return;
      case "if":
        namesInExpression(action.condition, this.#mention);
        this.#block(action.then);
        if (action.else !== null) this.#body(action.else);
        return;
      case "match":
        namesInExpression(action.subject, this.#mention);
        for (const { body } of action.arms) this.#body(body);
        return;
      case "for":
        namesInExpression(action.list, this.#mention);
        this.#block(action.block);
        return;
      case "repeat":
      case "race":
        this.#block(action.block);
        return;
    }
  }

  #body(body: Arm["body"]): void {
    if (body.kind === "block") this.#block(body);
    else this.#action(body);
  }
}
