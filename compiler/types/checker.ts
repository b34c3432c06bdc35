import type { Label } from "../diagnostics/diagnostic.ts";
import type { Fault } from "../names/reporter.ts";
import type { Binding, Scope } from "../names/scope.ts";
import type { Module } from "../names/module-graph.ts";
import type { Symbol } from "../names/symbol.ts";
import type {
  Action,
  Block,
  CallExpression,
  Expression,
  Name,
  Node,
  StringLiteral,
  TypeNode,
} from "../syntax/tree.ts";
import type { ResolvedCall, ResolvedSetting } from "./checked.ts";
import type { Type } from "./type.ts";
import type { World } from "./world.ts";

/** Where an expression stands: calls of agents, tools, flows and actions are for steps only. */
export type Place = "value" | "action" | "pinned" | "stub";

export interface InferOptions {
  /** The type that is wanted, for better messages only. */
  readonly hint?: Type | undefined;
  readonly place?: Place;
}

/**
 * What the parts of the type checker share while one file is checked. Each node is inferred once; asking
 * again gives the kept answer. A check that needs the types of other steps is deferred, so that the type of a
 * step never depends on its arguments.
 */
export interface Checker {
  readonly world: World;
  /** The file whose text the nodes at hand stand in. */
  readonly file: string;
  readonly sourceText: string;
  readonly module: Module;
  /** Scope that sees the file's own names only. */
  readonly fileScope: Scope;
  readonly results: Results;

  /** Parts of chains `a?.b.c` that `?.` may end. */
  readonly links: Map<Expression, Link>;

  textOf(node: Node): string;
  /** A syntax fault or a failed import may be why the name is not known: nothing is said about it. */
  isUnsure(name: string): boolean;
  report(fault: Fault): void;
  /** Infers what was read from another file, so that faults point there. */
  inFile<T>(file: string, text: string, task: () => T): T;
  /**
   * Judges what stands in a file, this one or another, with the names of that file, and whatever is known of it. `because`
   * says why it is judged from here.
   */
  judge(file: string, because: Label, task: (c: Checker) => void): void;
  /** Something of the program at large was asked for; the file is checked again when it changes. */
  uses(
    what: "config" | "fillers" | "codes" | { readonly file: string } | { readonly include: string },
  ): void;
  /** Runs a task whose faults are not worth telling. */
  silently<T>(task: () => T): T;
  readonly isSilent: boolean;
  /** Runs a task whose faults count, also inside `silently`. */
  loudly<T>(task: () => T): T;
  /** Steps without a value whose value was used: reported once. */
  readonly valueless: Set<Node>;
  /** Runs when the declaration's types are known. */
  defer(task: () => void): void;

  infer(expression: Expression, scope: Scope, options?: InferOptions): Type;
  /** Infers and reports what does not fit. `what` names the place: "the argument `title`". */
  /** `because` says where the type is asked for. */
  expect(expression: Expression, scope: Scope, target: Type, what: string, because?: Label): Type;
  /** Calls of every kind but methods. */
  inferCall(call: CallExpression, scope: Scope, options: InferOptions): Type;
  resolveType(node: TypeNode, typeParams: ReadonlyMap<string, Type>): Type;
  typeOfBinding(binding: Binding): Type;
  /** Value of an action, without checking what does not matter for it. */
  actionType(action: Action, scope: Scope): Type;
  checkAction(action: Action, scope: Scope): void;
  /** Value of a block that stands in `scope`. */
  blockType(block: Block, scope: Scope): Type;
  /** Scopes inside blocks, arms and settings, each made once. */
  readonly scopes: Map<Node, Scope>;
}

/** A part of a chain: its type if no `?.` before it met null, and whether there was one. */
export interface Link {
  readonly type: Type;
  readonly chained: boolean;
}

/** What is kept of a checked file. */
export interface Results {
  /** What follows from the node itself is not in it: `knownType` tells both. */
  readonly types: Map<Expression | Name, Type>;
  readonly expected: Map<Expression | Name, Type>;
  readonly symbols: Map<Name, Symbol>;
  readonly symbolTypes: Map<Symbol, Type>;
  readonly calls: Map<CallExpression, ResolvedCall>;
  readonly includes: Map<CallExpression, StringLiteral>;
  readonly actions: Map<Action, Type>;
  readonly blocks: Map<Block, Type>;
  readonly settings: Map<Block, ReadonlyMap<string, ResolvedSetting>>;
}
