import type { GlobalSymbol } from "../names/symbol.ts";
import type { Interpolation } from "../syntax/tree.ts";
import type { CheckedModule, CheckedProgram, ResolvedSetting } from "../types/checked.ts";
import { substitute } from "../types/substitute.ts";
import type { TypeArguments } from "../types/substitute.ts";
import type { Type } from "../types/type.ts";
import type { PlanNames } from "./plan-names.ts";
import type { PlanPaths } from "./plan-paths.ts";
import type { SchemaTable } from "./schema-table.ts";

/** What all of lowering shares. */
export interface LowerContext {
  readonly program: CheckedProgram;
  readonly names: PlanNames;
  readonly paths: PlanPaths;
  readonly schemas: SchemaTable;
  /** Values that untrusted text can reach: they are fenced where a prompt prints them. */
  readonly untrusted: ReadonlySet<Interpolation>;
}

/** Where an expression stands: the module that knows its names, and what its type parameters mean here. */
export interface Scope {
  readonly context: LowerContext;
  readonly module: CheckedModule;
  readonly typeArgs: TypeArguments;
  /** Fillers of the role parameters of the flow around, by parameter. */
  readonly roleArgs: ReadonlyMap<string, GlobalSymbol>;
  /** In a test, which has no blocks in its plan, a `let` is written out where it is used. */
  readonly writesOutLets?: true;
}

const none: ReadonlyMap<string, never> = new Map<string, never>();

/** The scope of a file's own declarations. */
export function fileScope(context: LowerContext, file: string): Scope | null {
  const module = context.program.modules.get(file);
  return module === undefined ? null : { context, module, typeArgs: none, roleArgs: none };
}

/** The scope in which the value of a setting is written: another file's if it came from there. */
export function settingScope(scope: Scope, setting: ResolvedSetting): Scope {
  if (setting.from === "own") return scope;
  const module = scope.context.program.modules.get(setting.file) ?? scope.module;
  return { ...scope, module, typeArgs: setting.typeArgs };
}

export function typeIn(scope: Scope, type: Type): Type {
  return substitute(type, scope.typeArgs);
}
