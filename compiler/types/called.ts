import type { Label } from "../diagnostics/diagnostic.ts";
import { spanOf } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Expression } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { short } from "./describe.ts";
import type { RoleType } from "./type.ts";

/** What a call calls. Its words are made for messages only. */
export type Called =
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "declaration"; readonly symbol: GlobalSymbol }
  | CalledRole;

/** A value whose type is a role; `parameter` is the name of the parameter that holds it. */
export interface CalledRole {
  readonly kind: "role";
  readonly value: Expression;
  readonly role: RoleType;
  readonly parameter: string | undefined;
}

/** "the agent `greet`". */
export function calledText(c: Checker, called: Called): string {
  switch (called.kind) {
    case "function":
      return `\`${called.name}\``;
    case "declaration":
      return `the ${called.symbol.kind} \`${called.symbol.name}\``;
    case "role":
      return `\`${c.textOf(called.value)}\` (role \`${short(called.role)}\`)`;
  }
}

/** The name in front of the parameters. */
export function calledName(called: Called): string {
  switch (called.kind) {
    case "function":
      return called.name;
    case "declaration":
      return called.symbol.name;
    case "role":
      return called.role.role.name;
  }
}

export function calledAt(c: Checker, called: Called): Label[] {
  switch (called.kind) {
    case "function":
      return [];
    case "declaration":
      return declaredAt(c, called.symbol);
    case "role":
      return declaredAt(c, called.role.role);
  }
}

export function declaredAt(c: Checker, symbol: GlobalSymbol): Label[] {
  const node = c.world.modules.get(symbol.file)?.facts.declared.get(symbol.name)?.node;
  if (node === undefined) return [];
  return [{ span: spanOf(symbol.file, node.name), message: `\`${symbol.name}\` is declared here` }];
}
