/**
 * What names and types hand to the later phases. Everything here is immutable; a module whose text and
 * whose dependencies did not change is the very same object in the next snapshot, so later phases may
 * keep their own results in a `WeakMap` keyed by `CheckedModule`.
 *
 * Nodes are answered for by the module of the file they stand in: `program.modules.get(file)`. Inside a
 * generic flow, types mention its type parameters; `instance.ts` substitutes them.
 */

import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type {
  ActionFunction,
  GlobalSymbol,
  PureFunction,
  Symbol,
  TestFunction,
} from "../names/symbol.ts";
import type { ParseResult } from "../syntax/parse-result.ts";
import type {
  Action,
  AgentDeclaration,
  Argument,
  Block,
  CallExpression,
  ConfigDeclaration,
  Expression,
  FlowDeclaration,
  LetDeclaration,
  ModelDeclaration,
  Name,
  RoleDeclaration,
  Setting,
  StringLiteral,
  TestDeclaration,
  ToolDeclaration,
  TypeDeclaration,
  RecordField as RecordEntryNode,
} from "../syntax/tree.ts";
import type { Method } from "../../plan/expression.ts";
import type { DefaultValue, Parameter, Signature, Type } from "./type.ts";

export interface CheckedProgram {
  /** Paths, as given. */
  readonly entries: readonly string[];
  /** Every file reached from the entries, by path; entries first, then in order of imports. */
  readonly modules: ReadonlyMap<string, CheckedModule>;
  /** Files that were checked anew since the snapshot before, and only because their own text has changed. */
  readonly touched: ReadonlySet<string>;
  /** The same object in the next snapshot if every file imports and fills what it did before. */
  readonly links: object;
  /** Fillers by the role's id, sorted by name; roles nobody fills have an empty list. */
  readonly fillers: ReadonlyMap<string, readonly GlobalSymbol[]>;
  /** The one `config` namespace, by name. */
  readonly config: ReadonlyMap<string, ConfigEntry>;
  /** All that is written about it, in all files. */
  readonly configText: string;
  /** By environment, then name. */
  readonly environments: ReadonlyMap<string, ReadonlyMap<string, DefaultValue>>;
  /** Error codes that something in the program can raise: the built-in ones, `errors` of tools, `fail("…")`. */
  readonly codes: ReadonlySet<string>;
  /** Names and types only, of all files, in order of files and places. */
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
  /**
   * Always answers from this snapshot, so its nodes are those of `modules`. Undefined only for a symbol of
   * another program. A `default` inside a type or call of an unchanged module may be an older node: read its
   * literal, or take it from here.
   */
  declarationOf(symbol: GlobalSymbol): CheckedDeclaration | undefined;
  /** Same, by `path#name`. */
  declarationById(id: string): CheckedDeclaration | undefined;
}

export interface ConfigEntry {
  readonly name: string;
  readonly type: Type;
  readonly doc: string | null;
  readonly default: DefaultValue | null;
  readonly file: string;
  readonly node: Name;
}

export interface CheckedModule {
  readonly file: string;
  readonly parse: ParseResult;
  /** Every declared or imported name the file may use; an import's symbol belongs to another file. */
  readonly names: ReadonlyMap<string, GlobalSymbol>;
  /** Paths of the files it imports, without those that do not exist. */
  readonly imports: readonly string[];
  /** What it declares, in order; a doubled name keeps its first. `program.declarationOf` tells the rest. */
  readonly symbols: readonly GlobalSymbol[];
  readonly configs: readonly ConfigDeclaration[];
  readonly tests: readonly TestDeclaration[];
  /** Names and types only. */
  readonly diagnostics: readonly Diagnostic[];

  /**
   * Type of an expression at its place, narrowed by the tests around it; also of the `Name` of a
   * short record entry `{ name }`. `errorType` where something failed.
   */
  typeOf(node: Expression | Name): Type;
  /** The type the expression had to fit, if any: a `json` that meets another type is validated there. */
  expectedOf(node: Expression | Name): Type | undefined;
  /** What a name means: of a `NameExpression` (its `.name`), a short record entry (its key), or a spread. */
  symbolOf(name: Name): Symbol | undefined;
  /** Undefined when the callee is unknown or not callable (that was reported). */
  callOf(call: CallExpression): ResolvedCall | undefined;
  /** The text that `include(path)` stands for, as a template whose `${ }` are typed at the place of the call. */
  includeOf(call: CallExpression): StringLiteral | undefined;
  /** Of the action's value; of a step the annotation counts (`typeOfSymbol`). */
  typeOfAction(action: Action): Type;
  /** Of the block's value. */
  typeOfBlock(block: Block): Type;
  /** Type of a parameter, step, let, state, item, lambda variable or context name as declared, before narrowing. */
  typeOfSymbol(symbol: Symbol): Type;
  /** Settings by key after spreads, own ones first: of a call, block, state, trigger, test (callables: `CheckedCallable.settings`). */
  settingsOf(block: Block): ReadonlyMap<string, ResolvedSetting>;
}

export type CheckedDeclaration =
  | CheckedCallable
  | CheckedModel
  | CheckedRole
  | CheckedType
  | CheckedLet;

interface Declared<Kind extends string, Declaration> {
  readonly kind: Kind;
  readonly symbol: GlobalSymbol;
  readonly node: Declaration;
  readonly doc: string | null;
}

export type CheckedCallable = CheckedAgent | CheckedTool | CheckedFlow;

interface Callable {
  /** Of the role with its arguments filled in, for one that fills a role. */
  readonly signature: Signature;
  /** The role it fills. */
  readonly role: { readonly symbol: GlobalSymbol; readonly args: readonly Type[] } | null;
  /** By key: own, then from spreads, then the role's defaults. */
  readonly settings: ReadonlyMap<string, ResolvedSetting>;
}

export type CheckedAgent = Declared<"agent", AgentDeclaration> & Callable;
export type CheckedTool = Declared<"tool", ToolDeclaration> & Callable;
/** `settings` holds `output` and `fallback` too. */
export type CheckedFlow = Declared<"flow", FlowDeclaration> & Callable;

export interface CheckedModel extends Declared<"model", ModelDeclaration> {
  readonly settings: ReadonlyMap<string, ResolvedSetting>;
}

export interface CheckedRole extends Declared<"role", RoleDeclaration> {
  readonly signature: Signature;
  readonly settings: ReadonlyMap<string, ResolvedSetting>;
}

export interface CheckedType extends Declared<"type", TypeDeclaration> {
  /** With type parameters in it when generic. */
  readonly type: Type;
}

export interface CheckedLet extends Declared<"let", LetDeclaration> {
  readonly type: Type;
}

/** One setting after spreads and role defaults. */
export interface ResolvedSetting {
  readonly key: string;
  /** A value that came through a spread is an `Invoke` around the record entry's expression. */
  readonly value: Action;
  /** File in which `value` is resolved and typed. */
  readonly file: string;
  readonly from: "own" | "spread" | "role";
  /** Where it is written. */
  readonly node: Setting | RecordEntryNode;
  /** For a role's default: substitute the role's type parameters by these (by id of the parameter). */
  readonly typeArgs: ReadonlyMap<string, Type>;
}

export interface ResolvedCall {
  readonly node: CallExpression;
  readonly callee: Callee;
  /** In order of the parameters; of methods the one argument, called `value`. */
  readonly args: readonly BoundArgument[];
  readonly returns: Type;
}

export type Callee =
  /** `typeArgs`: of a generic flow, by id of the type parameter. */
  | {
      readonly kind: "agent" | "tool" | "flow";
      readonly symbol: GlobalSymbol;
      readonly typeArgs: ReadonlyMap<string, Type>;
    }
  /** Any filler. */
  | {
      readonly kind: "role";
      readonly symbol: GlobalSymbol;
      readonly typeArgs: ReadonlyMap<string, Type>;
    }
  /** The filler a role parameter of this flow is given: known in each instance. */
  | {
      readonly kind: "roleParameter";
      readonly parameter: string;
      readonly role: GlobalSymbol;
      readonly typeArgs: ReadonlyMap<string, Type>;
    }
  /** The filler this value names. */
  | {
      readonly kind: "roleValue";
      readonly value: Expression;
      readonly role: GlobalSymbol;
      readonly typeArgs: ReadonlyMap<string, Type>;
    }
  | { readonly kind: "action"; readonly name: ActionFunction }
  | { readonly kind: "pure"; readonly name: PureFunction }
  | { readonly kind: "test"; readonly name: TestFunction }
  | { readonly kind: "method"; readonly name: Method; readonly object: Expression };

export interface BoundArgument {
  readonly parameter: Parameter;
  /** Null: the parameter's default, or null for a `T?` that was left out. */
  readonly node: Argument | null;
}

/**
 * A callable as one call uses it. A flow with type parameters or role parameters has one instance per
 * combination; all others have one, with empty maps.
 */
export interface Instance {
  readonly symbol: GlobalSymbol;
  /** By id of the type parameter. */
  readonly typeArgs: ReadonlyMap<string, Type>;
  /** By parameter name: the filler. A role parameter that is not here gets its filler at run time. */
  readonly roleArgs: ReadonlyMap<string, GlobalSymbol>;
  /** `reviewLoop(judge: reader, write: blogger)`; equal keys, same instance. */
  readonly key: string;
}
