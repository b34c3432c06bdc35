import { spanOf } from "../names/reporter.ts";
import type { Scope } from "../names/scope.ts";
import type { Action, Block, For, If, Match, Node, Race, Setting } from "../syntax/tree.ts";
import { armScope, branchScopes, fallbackScope, forScope, repeatScope } from "./block-scope.ts";
import { errorRecord, tolerated } from "./built-in-types.ts";
import type { Checker } from "./checker.ts";
import { describe } from "./describe.ts";
import { join } from "./join.ts";
import { isMisspelt } from "./setting-synonyms.ts";
import { optional } from "./substitute.ts";
import { deepestType, depthOf, tooDeep } from "./type-depth.ts";
import { errorType, neverType, nullType } from "./type.ts";
import type { Type } from "./type.ts";
import { misnamedOutput } from "./valueless.ts";

/** The value of an action; what its arguments and settings are is checked elsewhere. */
export function actionType(c: Checker, action: Action, scope: Scope): Type {
  // The expression keeps its type itself.
  if (action.kind === "invoke" && action.block === null) return plainType(c, action, scope);
  const kept = c.results.actions.get(action);
  if (kept !== undefined) return kept;
  const type = withFallback(c, action, plainType(c, action, scope), scope);
  c.results.actions.set(action, type);
  return type;
}

function plainType(c: Checker, action: Action, scope: Scope): Type {
  switch (action.kind) {
    case "invoke":
      return c.infer(action.expression, scope, { place: "action" });
    case "if":
      return ifType(c, action, scope);
    case "match":
      return matchType(c, action, scope);
    case "for":
      return forType(c, action, scope);
    case "repeat":
      return blockTypeIn(c, action.block, repeatScope(c, action, scope));
    case "race":
      return raceType(c, action, scope);
  }
}

/** The value of a block whose own scope is `inner`. */
export function blockTypeIn(c: Checker, block: Block, inner: Scope): Type {
  const kept = c.results.blocks.get(block);
  if (kept !== undefined) return kept;
  const type = valueOf(c, block, inner);
  c.results.blocks.set(block, type);
  return type;
}

function valueOf(c: Checker, block: Block, inner: Scope): Type {
  const output = settingOf(block, "output");
  if (output !== undefined) {
    return output.value.kind === "invoke"
      ? c.infer(output.value.expression, inner, { place: "value" })
      : errorType;
  }
  const actions = block.entries.filter((entry) => entry.kind === "action");
  const [only] = actions;
  // Several actions without names are reported; which of them is meant is open.
  if (actions.length > 1) return errorType;
  if (only?.kind === "action") return actionType(c, only.action, inner);
  return misnamedOutput(block) === undefined ? nullType : errorType;
}

export function settingOf(block: Block | null, key: string): Setting | undefined {
  for (const entry of block?.entries ?? [])
    if (entry.kind === "setting" && entry.key.text === key) return entry;
  return undefined;
}

function ifType(c: Checker, node: If, scope: Scope): Type {
  const { then, otherwise } = branchScopes(c, node, scope);
  const type = blockTypeIn(c, node.then, then);
  if (node.else === null) return optional(type);
  const other =
    node.else.kind === "if"
      ? actionType(c, node.else, otherwise)
      : c.blockType(node.else, otherwise);
  return joined(c, [
    { type, at: valueAt(node.then), name: "the value of the branch before it" },
    { type: other, at: node.else.kind === "if" ? node.else : valueAt(node.else), name: "" },
  ]);
}

/** The place of a block's value, for messages. */
function valueAt(block: Block): Node {
  return (
    settingOf(block, "output")?.value ?? {
      start: block.start,
      end: Math.min(block.end, block.start + 1),
    }
  );
}

interface Branch {
  readonly type: Type;
  readonly at: Node;
  readonly name: string;
}

function joined(c: Checker, branches: readonly Branch[]): Type {
  let type: Type = branches[0]?.type ?? neverType;
  let before = branches[0];
  for (const branch of branches.slice(1)) {
    const next = join(c.world, type, branch.type);
    if (next === undefined) {
      c.report({
        code: "AF3007",
        at: branch.at,
        message: `this is ${describe(branch.type)}, but another branch gives ${describe(type)}`,
        related:
          before === undefined
            ? []
            : [{ span: spanOf(c.file, before.at), message: `${describe(type)}` }],
        help: "what follows gets one value, so all branches must give the same type",
      });
      return errorType;
    }
    type = next;
    if (branch.type.kind !== "never" && branch.type.kind !== "null") before = branch;
  }
  return type;
}

function matchType(c: Checker, node: Match, scope: Scope): Type {
  const branches = node.arms.map((arm): Branch => {
    const inner = armScope(c, node, arm, scope);
    const { body } = arm;
    if (body.kind === "block")
      return { type: c.blockType(body, inner), at: valueAt(body), name: "" };
    return { type: actionType(c, body, inner), at: body, name: "" };
  });
  return branches.length === 0 ? nullType : joined(c, branches);
}

function forType(c: Checker, node: For, scope: Scope): Type {
  const body = shallow(c, node, blockTypeIn(c, node.block, forScope(c, node, scope)));
  const given = c.infer(node.list, scope);
  const list =
    given.kind === "list"
      ? given
      : { kind: "list" as const, item: errorType, min: null, max: null };
  if (settingOf(node.block, "tolerate") !== undefined || spreadType(c, node.block, "tolerate")) {
    return tolerated({ kind: "list", item: body, min: null, max: list.max }, list.item);
  }
  if (isMisspelt(node.block, "tolerate")) return errorType;
  return body === tooDeep ? body : { kind: "list", item: body, min: list.min, max: list.max };
}

/** Loops may take in one another's results thousands of times; lists in lists may not go that deep. */
function shallow(c: Checker, node: For, item: Type): Type {
  const depth = depthOf(item);
  if (depth < deepestType) return item;
  if (depth !== Number.POSITIVE_INFINITY)
    c.report({
      code: "AF3010",
      at: { start: node.start, end: node.start + "for".length },
      message: `the results of this loop are lists more than ${deepestType} levels deep`,
      help: "let each loop give plain items instead of the lists of the one before",
    });
  return tooDeep;
}

/** The type of a setting that a spread brings; of several, the last counts. */
function spreadType(c: Checker, block: Block, key: string): Type | undefined {
  let type: Type | undefined;
  for (const entry of block.entries) {
    if (entry.kind !== "spread") continue;
    const symbol = c.module.names.get(entry.name.text);
    const declaration = symbol === undefined ? undefined : c.world.declaration(symbol);
    if (declaration?.kind === "let" && declaration.type.kind === "record")
      type = declaration.type.fields.get(key)?.type ?? type;
  }
  return type;
}

function raceType(c: Checker, node: Race, scope: Scope): Type {
  c.blockType(node.block, scope);
  const inner = c.scopes.get(node.block) ?? scope;
  const branches = node.block.entries.flatMap((entry): Branch[] => {
    if (entry.kind === "action")
      return [{ type: actionType(c, entry.action, inner), at: entry, name: "" }];
    if (entry.kind !== "step") return [];
    const binding = inner.lookUp(entry.name.text);
    return [
      {
        type: binding === undefined ? actionType(c, entry.action, inner) : c.typeOfBinding(binding),
        at: entry.name,
        name: "",
      },
    ];
  });
  return branches.length === 0 ? nullType : joined(c, branches);
}

function withFallback(c: Checker, action: Action, type: Type, scope: Scope): Type {
  if (action.kind === "if" || action.kind === "match" || action.block === null) return type;
  const setting = settingOf(action.block, "fallback");
  const value =
    setting === undefined
      ? spreadType(c, action.block, "fallback")
      : actionType(c, setting.value, fallbackScope(c, setting, scope, errorRecord));
  if (value === undefined) return isMisspelt(action.block, "fallback") ? errorType : type;
  const both = join(c.world, type, value);
  if (both !== undefined) return both;
  c.report({
    code: "AF3007",
    at: setting?.value ?? action.block.entries.find(({ kind }) => kind === "spread") ?? action,
    message: `the fallback is ${describe(value)}, but what it stands in for gives ${describe(type)}`,
    help: "what follows gets one value, so both must have the same type",
  });
  return errorType;
}
