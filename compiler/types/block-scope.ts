import { Scope } from "../names/scope.ts";
import type { ContextSymbol } from "../names/symbol.ts";
import type { Arm, Block, For, If, Match, Pattern, Repeat, Setting } from "../syntax/tree.ts";
import { plainText } from "../names/plain-text.ts";
import type { Checker } from "./checker.ts";
import { factsOf, factsOfArm } from "./facts-of.ts";
import { declareLocal } from "./local-names.ts";
import { withFacts } from "./narrow.ts";
import type { Type } from "./type.ts";

/** The scope inside a block: the names around it, `extras`, and its own steps, lets and states in any order. */
export function blockScope(
  c: Checker,
  block: Block,
  outer: Scope,
  extras: (inner: Scope) => void = nothing,
): Scope {
  const kept = c.scopes.get(block);
  if (kept !== undefined) return kept;
  const inner = new Scope(outer);
  c.scopes.set(block, inner);
  extras(inner);
  for (const entry of block.entries) {
    if (entry.kind === "step")
      declareLocal(
        c,
        inner,
        { scope: "local", kind: "step", name: entry.name.text, node: entry },
        entry.name,
      );
    else if (entry.kind === "let")
      declareLocal(
        c,
        inner,
        { scope: "local", kind: "let", name: entry.name.text, node: entry },
        entry.name,
      );
    else if (entry.kind === "state")
      declareLocal(
        c,
        inner,
        { scope: "local", kind: "state", name: entry.name.text, node: entry },
        entry.name,
      );
  }
  return inner;
}

function nothing(): void {}

function declareContext(scope: Scope, symbol: ContextSymbol, owner: Scope): void {
  scope.declare(symbol.name, { kind: "binding", symbol, scope: owner, at: null });
}

export function forScope(c: Checker, node: For, outer: Scope): Scope {
  return blockScope(c, node.block, outer, (inner) => {
    declareLocal(
      c,
      inner,
      { scope: "local", kind: "item", name: node.variable.text, node },
      node.variable,
      outer,
    );
    const needs = node.block.entries.some(
      (entry) => entry.kind === "setting" && entry.key.text === "needs",
    );
    if (needs)
      declareContext(inner, { scope: "context", kind: "upstream", name: "upstream", node }, outer);
  });
}

export function repeatScope(c: Checker, node: Repeat, outer: Scope): Scope {
  return blockScope(c, node.block, outer, (inner) =>
    declareContext(inner, { scope: "context", kind: "previous", name: "previous", node }, outer),
  );
}

/** Where a condition is true, and where it is not. */
export function branchScopes(
  c: Checker,
  node: If,
  outer: Scope,
): { readonly then: Scope; readonly otherwise: Scope } {
  const kept = c.scopes.get(node);
  if (kept !== undefined) return { then: blockScope(c, node.then, outer), otherwise: kept };
  const otherwise = withFacts(outer, factsOf(node.condition, false));
  c.scopes.set(node, otherwise);
  return {
    then: blockScope(c, node.then, withFacts(outer, factsOf(node.condition, true))),
    otherwise,
  };
}

/** The scope of an arm, with what its patterns tell about the subject. */
export function armScope(c: Checker, node: Match, arm: Arm, outer: Scope): Scope {
  const kept = c.scopes.get(arm);
  if (kept !== undefined) return kept;
  const scope = withFacts(outer, factsOfArm(node.subject, knownInArm(node, arm)));
  c.scopes.set(arm, scope);
  return scope;
}

function knownInArm(node: Match, arm: Arm): Parameters<typeof factsOfArm>[1] {
  if (arm.patterns.some((pattern) => pattern.value === "else")) {
    const before = node.arms.slice(0, node.arms.indexOf(arm)).flatMap((other) => other.patterns);
    return {
      values: before.flatMap(textOf),
      isOneOf: false,
      isNull: before.some(isNull) ? false : null,
    };
  }
  const nulls = arm.patterns.filter(isNull).length;
  if (nulls > 0)
    return { values: [], isOneOf: false, isNull: nulls === arm.patterns.length ? true : null };
  const texts = arm.patterns.flatMap(textOf);
  const allTexts = texts.length === arm.patterns.length;
  return { values: allTexts ? texts : [], isOneOf: allTexts, isNull: false };
}

function textOf({ value }: Pattern): string[] {
  if (value === "else" || value.kind !== "string") return [];
  const text = plainText(value);
  return text === undefined ? [] : [text];
}

function isNull({ value }: Pattern): boolean {
  return value !== "else" && value.kind === "literal" && value.value === null;
}

/** The scope inside a setting that gives a context name its meaning. */
export function contextScope(
  c: Checker,
  node: Setting,
  outer: Scope,
  symbol: ContextSymbol,
  type: Type,
): Scope {
  const kept = c.scopes.get(node);
  if (kept !== undefined) return kept;
  const inner = new Scope(outer);
  c.scopes.set(node, inner);
  declareContext(inner, symbol, outer);
  c.results.symbolTypes.set(symbol, type);
  return inner;
}

export function fallbackScope(c: Checker, node: Setting, outer: Scope, errorRecord: Type): Scope {
  return contextScope(
    c,
    node,
    outer,
    { scope: "context", kind: "error", name: "error", node },
    errorRecord,
  );
}
