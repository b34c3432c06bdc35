import type {
  Block,
  CallExpression,
  For,
  If,
  Invoke,
  Match,
  Race,
  Repeat,
  Action,
} from "../syntax/tree.ts";
import { plainText, withoutParentheses } from "../names/plain-text.ts";
import { Scope } from "../names/scope.ts";
import { actionType } from "./action-type.ts";
import { armScope, blockScope, branchScopes, forScope, repeatScope } from "./block-scope.ts";
import { checkEntries } from "./check-block.ts";
import { checkMatch } from "./check-match.ts";
import { checkSettings } from "./check-settings.ts";
import type { ResolvedCall } from "./checked.ts";
import type { Checker } from "./checker.ts";
import { describe } from "./describe.ts";
import { expectCondition } from "./infer-operators.ts";
import { knownType } from "./known-type.ts";
import { checkPairs } from "./check-pairs.ts";
import type { Owner } from "./setting-owner.ts";
import type { SettingOwner } from "./settings-table.ts";

/** Checks everything inside an action: arguments, conditions, settings, blocks. */
export function checkAction(c: Checker, action: Action, scope: Scope): void {
  actionType(c, action, scope);
  switch (action.kind) {
    case "invoke":
      return checkInvoke(c, action, scope);
    case "if":
      return checkIf(c, action, scope);
    case "match":
      return checkMatchArms(c, action, scope);
    case "for":
      return checkFor(c, action, scope);
    case "repeat":
      return checkLoop(c, action, { inner: repeatScope(c, action, scope), outer: scope });
    case "race":
      return checkLoop(c, action, { inner: blockScope(c, action.block, scope), outer: scope });
  }
}

function checkInvoke(c: Checker, action: Invoke, scope: Scope): void {
  const { expression, block } = action;
  c.infer(expression, scope, { place: "action" });
  if (block === null) return;
  const node = withoutParentheses(expression);
  if (node.kind === "call") {
    const call = c.results.calls.get(node);
    if (call !== undefined) checkCallSettings(c, { node, block, call, scope });
    return;
  }
  if (node.kind === "errorExpression" || knownType(c.results, node)?.kind === "error") return;
  c.report({
    code: "AF3012",
    at: expression,
    message: "only a call has settings behind it",
    help: node.kind === "name" ? `call it: \`${node.name.text}(…) { … }\`` : "remove the block",
  });
}

interface CallBlock {
  readonly node: CallExpression;
  readonly block: Block;
  readonly call: ResolvedCall;
  readonly scope: Scope;
}

function checkCallSettings(c: Checker, { node, block, call, scope }: CallBlock): void {
  const kind = ownerOf(call);
  if (kind === undefined) {
    c.report({
      code: "AF2003",
      at: { start: block.start, end: block.start + 1 },
      message: `\`${c.textOf(node.callee)}\` has no settings`,
      help: "remove the block",
    });
    return;
  }
  const { callee } = call;
  const role =
    callee.kind === "role"
      ? callee.symbol
      : callee.kind === "roleValue" || callee.kind === "roleParameter"
        ? callee.role
        : undefined;
  const owner: Owner = {
    kind,
    outer: scope,
    inner: scope,
    params: scope,
    signature: null,
    at: node.callee,
    hasSteps: false,
    ...(role === undefined ? {} : { role }),
  };
  checkPairs(c, checkSettings(c, block, owner));
}

function ownerOf({ callee }: ResolvedCall): SettingOwner | undefined {
  switch (callee.kind) {
    case "agent":
      return "agentCall";
    case "tool":
      return "toolCall";
    case "flow":
      return "flowCall";
    case "role":
    case "roleParameter":
    case "roleValue":
      return "roleCall";
    case "action":
      return callee.name;
    default:
      return undefined;
  }
}

/** The scope that sees the parameters only: below the file's. */
export function paramsScopeOf(scope: Scope): Scope {
  let params = scope;
  while (params.parent !== null && params.parent.parent !== null) params = params.parent;
  return params;
}

function checkIf(c: Checker, node: If, scope: Scope): void {
  expectCondition(c, node.condition, scope, "the condition of `if`");
  const { then, otherwise } = branchScopes(c, node, scope);
  checkBranch(c, node.then, then, scope);
  if (node.else === null) return;
  if (node.else.kind === "if") checkAction(c, node.else, otherwise);
  else checkBranch(c, node.else, blockScope(c, node.else, otherwise), scope);
}

function checkBranch(c: Checker, block: Block, inner: Scope, outer: Scope): void {
  checkSettings(c, block, {
    kind: "branch",
    outer,
    inner,
    params: paramsScopeOf(outer),
    signature: null,
    at: block,
    hasSteps: true,
  });
  checkEntries(c, block, inner);
}

function checkMatchArms(c: Checker, node: Match, scope: Scope): void {
  checkMatch(c, node, scope);
  for (const arm of node.arms) {
    for (const { value } of arm.patterns)
      if (value !== "else" && value.kind === "string" && plainText(value) === undefined)
        c.silently(() => c.infer(value, scope));
    const inner = armScope(c, node, arm, scope);
    if (arm.body.kind === "block") checkBranch(c, arm.body, blockScope(c, arm.body, inner), scope);
    else checkAction(c, arm.body, inner);
  }
}

function checkFor(c: Checker, node: For, scope: Scope): void {
  const list = c.infer(node.list, scope);
  const inner = forScope(c, node, scope);
  if (list.kind === "optional" || list.kind === "null") {
    c.report({
      code: "AF3006",
      at: node.list,
      message: "the list of a `for` must be there, and this may be null",
      help: "write `?? []` behind it",
      fixes: [
        {
          title: "write `?? []`",
          edits: [
            { span: { file: c.file, start: node.list.end, end: node.list.end }, text: " ?? []" },
          ],
          safe: false,
        },
      ],
    });
  } else if (
    list.kind !== "list" &&
    list.kind !== "json" &&
    list.kind !== "error" &&
    list.kind !== "never"
  ) {
    c.report({
      code: "AF3005",
      at: node.list,
      message: `\`for\` goes through a list, and this is ${describe(list)}`,
      help: "give it a list, such as `[one, two]`",
    });
  }
  const item = new Scope(scope);
  const binding = inner.lookUp(node.variable.text);
  if (binding !== undefined) item.declare(node.variable.text, binding);
  checkLoop(c, node, { inner, outer: scope, item });
}

function checkLoop(
  c: Checker,
  node: For | Repeat | Race,
  { inner, outer, item }: Pick<Owner, "inner" | "outer" | "item">,
): void {
  checkSettings(c, node.block, {
    kind: node.kind,
    outer,
    ...(item === undefined ? {} : { item }),
    inner,
    params: paramsScopeOf(outer),
    signature: null,
    at: { start: node.start, end: node.start + node.kind.length },
    hasSteps: true,
  });
  checkEntries(c, node.block, inner);
}
