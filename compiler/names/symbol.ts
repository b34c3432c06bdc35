/**
 * What a name can mean.
 *
 * A global symbol is plain data without syntax nodes, because results of an unchanged file are kept
 * while the file that declares the symbol is parsed anew: ask the program for its declaration
 * (`CheckedProgram.declarationOf`). Local symbols live and die with their file and carry their node.
 */

import type {
  Field,
  For,
  LambdaExpression,
  LetDeclaration,
  Name,
  On,
  Repeat,
  Setting,
  State,
  Step,
} from "../syntax/tree.ts";

export type Symbol = GlobalSymbol | LocalSymbol | ContextSymbol | FunctionSymbol;

export type GlobalKind = "let" | "type" | "role" | "model" | "agent" | "tool" | "flow";

export interface GlobalSymbol {
  readonly scope: "global";
  readonly kind: GlobalKind;
  readonly name: string;
  /** Path of the declaring file. */
  readonly file: string;
  /** `path#name`: equal ids, same declaration, in every snapshot. */
  readonly id: string;
}

export type LocalSymbol =
  | {
      readonly scope: "local";
      readonly kind: "parameter";
      readonly name: string;
      readonly node: Field;
    }
  | {
      readonly scope: "local";
      readonly kind: "typeParameter";
      readonly name: string;
      readonly node: Name;
    }
  | { readonly scope: "local"; readonly kind: "step"; readonly name: string; readonly node: Step }
  | {
      readonly scope: "local";
      readonly kind: "let";
      readonly name: string;
      readonly node: LetDeclaration;
    }
  | { readonly scope: "local"; readonly kind: "state"; readonly name: string; readonly node: State }
  | { readonly scope: "local"; readonly kind: "item"; readonly name: string; readonly node: For }
  | {
      readonly scope: "local";
      readonly kind: "lambda";
      readonly name: string;
      readonly node: LambdaExpression;
    };

/** Names that mean something only at some places. */
export type ContextSymbol =
  | {
      readonly scope: "context";
      readonly kind: "previous";
      readonly name: "previous";
      readonly node: Repeat;
    }
  | {
      readonly scope: "context";
      readonly kind: "upstream";
      readonly name: "upstream";
      readonly node: For;
    }
  /** `node` is the `fallback:` setting. */
  | {
      readonly scope: "context";
      readonly kind: "error";
      readonly name: "error";
      readonly node: Setting;
    }
  /** `node` is the trigger, or the `where:` or `cancelOn:` setting. */
  | {
      readonly scope: "context";
      readonly kind: "event";
      readonly name: "event";
      readonly node: On | Setting;
    }
  /** `node` is the `check:` setting. */
  | {
      readonly scope: "context";
      readonly kind: "output";
      readonly name: "output";
      readonly node: Setting;
    }
  | { readonly scope: "context"; readonly kind: "run"; readonly name: "run"; readonly node: null }
  | {
      readonly scope: "context";
      readonly kind: "config";
      readonly name: "config";
      readonly node: null;
    };

export const actionFunctions = ["fail", "sleep", "receive", "emit", "continue"] as const;
export type ActionFunction = (typeof actionFunctions)[number];

export const pureFunctions = ["trust", "include"] as const;
export type PureFunction = (typeof pureFunctions)[number];

export const testFunctions = [
  "sequence",
  "costs",
  "slow",
  "calls",
  "ran",
  "failed",
  "spent",
] as const;
export type TestFunction = (typeof testFunctions)[number];

export interface FunctionSymbol {
  readonly scope: "function";
  readonly kind: "action" | "pure" | "test";
  readonly name: ActionFunction | PureFunction | TestFunction;
}

export const contextNames = [
  "previous",
  "upstream",
  "error",
  "event",
  "output",
  "run",
  "config",
] as const;

export function globalId(file: string, name: string): string {
  return `${file}#${name}`;
}
