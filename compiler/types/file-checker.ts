import type { Diagnostic, Label } from "../diagnostics/diagnostic.ts";
import type { Module } from "../names/module-graph.ts";
import { faultDiagnostic } from "../names/reporter.ts";
import type { Fault } from "../names/reporter.ts";
import { Scope } from "../names/scope.ts";
import type { Binding } from "../names/scope.ts";
import type { Action, Block, CallExpression, Expression, Node, TypeNode } from "../syntax/tree.ts";
import { actionType, blockTypeIn } from "./action-type.ts";
import { BindingTypes } from "./binding-type.ts";
import { blockScope } from "./block-scope.ts";
import { checkAction } from "./check-action.ts";
import type { Checker, InferOptions, Link, Results } from "./checker.ts";
import { explain, inferFor } from "./expect.ts";
import { inferCall } from "./infer-call.ts";
import { inferExpression } from "./infer-expression.ts";
import { inferName } from "./infer-name.ts";
import { literalType, textType } from "./known-type.ts";
import { mismatch } from "./mismatch.ts";
import { resolveType } from "./resolve-type.ts";
import type { Type } from "./type.ts";
import type { World } from "./world.ts";

/** What the rest of the program gave to the check of a file. */
export interface Uses {
  readonly files: Set<string>;
  readonly includes: Set<string>;
  config: boolean;
  codes: boolean;
}

const noOptions: InferOptions = {};

/** The state of checking one file; the work is done by the functions it calls. */
export class FileChecker implements Checker {
  world: World;
  readonly module: Module;
  readonly fileScope = new Scope(null);
  readonly results: Results = {
    types: new Map(),
    expected: new Map(),
    symbols: new Map(),
    symbolTypes: new Map(),
    calls: new Map(),
    includes: new Map(),
    actions: new Map(),
    blocks: new Map(),
    settings: new Map(),
  };
  readonly links = new Map<Expression, Link>();
  readonly scopes = new Map<Node, Scope>();
  readonly valueless = new Set<Node>();
  readonly diagnostics: Diagnostic[] = [];
  readonly used: Uses = { files: new Set(), includes: new Set(), config: false, codes: false };
  readonly #typeNodes = new Map<TypeNode, Type>();
  readonly #bindings = new BindingTypes(this);
  #tasks: (() => void)[] = [];
  #silence = 0;
  #file: string;
  #text: string;

  constructor(world: World, module: Module) {
    this.world = world;
    this.module = module;
    this.#file = module.file;
    this.#text = module.parse.text;
  }

  get file(): string {
    return this.#file;
  }

  get sourceText(): string {
    return this.#text;
  }

  textOf(node: Node): string {
    return this.#text.slice(node.start, node.end);
  }

  isUnsure(name: string): boolean {
    return this.module.broken.has(name) || this.module.facts.damage.lostNames;
  }

  report(fault: Fault): void {
    if (this.#silence > 0) return;
    this.diagnostics.push(faultDiagnostic(this.#file, fault));
    for (const { span } of fault.related ?? [])
      if (span.file !== this.module.file) this.used.files.add(span.file);
  }

  inFile<T>(file: string, text: string, task: () => T): T {
    const [ownFile, ownText] = [this.#file, this.#text];
    this.#file = file;
    this.#text = text;
    try {
      return task();
    } finally {
      this.#file = ownFile;
      this.#text = ownText;
    }
  }

  judge(file: string, because: Label, task: (c: Checker) => void): void {
    const module = this.world.modules.get(file);
    if (module === undefined || this.#silence > 0) return;
    const other = new FileChecker(this.world, module);
    task(other);
    other.finish();
    for (const diagnostic of other.diagnostics)
      this.diagnostics.push({
        ...diagnostic,
        related: [...(diagnostic.related ?? []), because],
      });
    for (const name of other.used.files) this.used.files.add(name);
    for (const path of other.used.includes) this.used.includes.add(path);
    this.used.config ||= other.used.config;
    this.used.codes ||= other.used.codes;
    if (file !== this.module.file) this.used.files.add(file);
  }

  uses(what: Parameters<Checker["uses"]>[0]): void {
    if (what === "config" || what === "codes") this.used[what] = true;
    else if (typeof what === "object" && "file" in what) this.used.files.add(what.file);
    else if (typeof what === "object") this.used.includes.add(what.include);
  }

  get isSilent(): boolean {
    return this.#silence > 0;
  }

  silently<T>(task: () => T): T {
    this.#silence += 1;
    try {
      return task();
    } finally {
      this.#silence -= 1;
    }
  }

  loudly<T>(task: () => T): T {
    const before = this.#silence;
    this.#silence = 0;
    try {
      return task();
    } finally {
      this.#silence = before;
    }
  }

  defer(task: () => void): void {
    const file = this.#file;
    const text = this.#text;
    // What stands in an included text is still there when it is looked at again.
    const here = file === this.module.file ? task : () => this.inFile(file, text, task);
    const isSilent = this.#silence > 0;
    this.#tasks.push(isSilent ? () => this.silently(here) : here);
  }

  /** Runs what was deferred, and what that defers. */
  finish(): void {
    while (this.#tasks.length > 0) {
      const tasks = this.#tasks;
      this.#tasks = [];
      for (const task of tasks) task();
    }
  }

  /** Lets go of what only serves the check itself: declarations hold their checker for as long as there are snapshots. */
  forget(): void {
    this.links.clear();
    this.scopes.clear();
  }

  infer(expression: Expression, scope: Scope, options: InferOptions = noOptions): Type {
    const kept = this.results.types.get(expression);
    if (kept !== undefined) return kept;
    if (expression.kind === "name") return inferName(this, expression, scope, options);
    if (expression.kind === "literal") return literalType(expression);
    const text = expression.kind === "string" ? textType(expression) : undefined;
    if (text !== undefined) return text;
    const type = inferExpression(this, expression, scope, options);
    this.results.types.set(expression, type);
    return type;
  }

  expect(expression: Expression, scope: Scope, target: Type, what: string, because?: Label): Type {
    const type = inferFor(this, expression, scope, target);
    if (mismatch(this.world, type, target) !== null) {
      const related = because === undefined ? undefined : () => [because];
      explain(this, expression, type, { scope, target, what, related });
    }
    return type;
  }

  inferCall(call: CallExpression, scope: Scope, options: InferOptions): Type {
    return inferCall(this, call, scope, options);
  }

  resolveType(node: TypeNode, typeParams: ReadonlyMap<string, Type>): Type {
    let type = this.#typeNodes.get(node);
    if (type === undefined) {
      type = this.isSilent
        ? this.#resolveLoudly(node, typeParams)
        : resolveType(this, node, typeParams);
      this.#typeNodes.set(node, type);
    }
    return type;
  }

  #resolveLoudly(node: TypeNode, typeParams: ReadonlyMap<string, Type>): Type {
    return this.loudly(() => resolveType(this, node, typeParams));
  }

  typeOfBinding(binding: Binding): Type {
    return this.#bindings.typeOf(binding);
  }

  actionType(action: Action, scope: Scope): Type {
    return actionType(this, action, scope);
  }

  checkAction(action: Action, scope: Scope): void {
    checkAction(this, action, scope);
  }

  blockType(block: Block, scope: Scope): Type {
    return blockTypeIn(this, block, blockScope(this, block, scope));
  }
}
