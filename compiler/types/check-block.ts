import { spanOf } from "../names/reporter.ts";
import type { Scope } from "../names/scope.ts";
import type { Action, ActionEntry, Block, LetDeclaration, State, Step } from "../syntax/tree.ts";
import { actionType } from "./action-type.ts";
import { typeScopeOf } from "./binding-type.ts";
import { blockScope } from "./block-scope.ts";
import type { Checker } from "./checker.ts";
import { checkSettings } from "./check-settings.ts";
import { expectCondition } from "./infer-operators.ts";
import { mismatch } from "./mismatch.ts";
import { reportMismatch } from "./report-mismatch.ts";
import type { Type } from "./type.ts";

/** Checks the steps, lets and states of a block whose own scope is `inner`; its settings are checked by its owner. */
export function checkEntries(c: Checker, block: Block, inner: Scope): void {
  reportUnnamed(c, block);
  for (const entry of block.entries) {
    switch (entry.kind) {
      case "step":
        checkStep(c, entry, inner);
        break;
      case "let":
        checkLet(c, entry, inner);
        break;
      case "state":
        checkState(c, entry, inner);
        break;
      case "expect":
        if (inner.inTest) expectCondition(c, entry.condition, inner, "what `expect` expects");
        else c.report({ code: "AF2003", at: { start: entry.start, end: entry.start + 6 }, message: "`expect` stands only in a `test`", help: "to check the answer of an agent, use its setting `check`" });
        break;
      case "action":
        c.checkAction(entry.action, inner);
        break;
      default:
    }
  }
}

/** A block with several actions has no single value, so each needs a name. */
function reportUnnamed(c: Checker, block: Block): void {
  const actions = block.entries.filter((entry): entry is ActionEntry => entry.kind === "action" && !isBroken(entry.action));
  const steps = block.entries.filter((entry) => entry.kind === "step");
  if (actions.length + steps.length < 2) return;
  for (const entry of actions) {
    const other = actions.find((candidate) => candidate !== entry) ?? steps[0];
    const end = Math.min(entry.end, c.sourceText.indexOf("\n", entry.start) === -1 ? entry.end : c.sourceText.indexOf("\n", entry.start));
    c.report({
      code: "AF4002",
      at: { start: entry.start, end },
      message: "this action needs a name, because its block has another one",
      related: other === undefined ? [] : [{ span: spanOf(c.file, { start: other.start, end: Math.min(other.end, other.start + 4) }), message: "the other one" }],
      help: "write `step name =` in front of it",
      fixes: [{ title: "make it a step", edits: [{ span: { file: c.file, start: entry.start, end: entry.start }, text: `step ${nameFor(entry, block)} = ` }], safe: false }],
    });
  }
}

function isBroken(action: Action): boolean {
  return action.kind === "invoke" && action.expression.kind === "errorExpression";
}

/** A free name after what is called: `logged`, `log2`. */
function nameFor(entry: ActionEntry, block: Block): string {
  const { action } = entry;
  const callee = action.kind === "invoke" && action.expression.kind === "call" && action.expression.callee.kind === "name" ? action.expression.callee.name.text : action.kind === "invoke" ? "result" : `${action.kind}Result`;
  const taken = new Set(block.entries.flatMap((other) => ("name" in other ? [other.name.text] : [])));
  let name = `${callee}Result`;
  for (let count = 2; taken.has(name); count += 1) name = `${callee}Result${count}`;
  return name;
}

function checkStep(c: Checker, entry: Step, inner: Scope): void {
  const binding = inner.lookUp(entry.name.text);
  if (entry.type !== null) {
    const target = c.resolveType(entry.type, typeScopeOf(c, inner));
    c.checkAction(entry.action, inner);
    expectAction(c, entry.action, inner, target, `the step \`${entry.name.text}\``);
    return;
  }
  if (binding !== undefined) c.typeOfBinding(binding);
  c.checkAction(entry.action, inner);
}

function expectAction(c: Checker, action: Action, scope: Scope, target: Type, what: string): void {
  if (action.kind === "invoke" && action.expression.kind === "call") {
    const found = mismatch(c.world, actionType(c, action, scope), target);
    c.results.expected.set(action.expression, target);
    if (found !== null) reportMismatch(c, found, { at: action.expression, what, target });
    return;
  }
  if (action.kind === "invoke") {
    c.expect(action.expression, scope, target, what);
    return;
  }
  const found = mismatch(c.world, actionType(c, action, scope), target);
  const at = { kind: "errorExpression" as const, start: action.start, end: action.start + action.kind.length };
  if (found !== null) reportMismatch(c, found, { at, what, target });
}

function checkLet(c: Checker, entry: LetDeclaration, inner: Scope): void {
  if (entry.type !== null) {
    const target = c.resolveType(entry.type, typeScopeOf(c, inner));
    c.expect(entry.value, inner, target, `\`${entry.name.text}\``);
    return;
  }
  const binding = inner.lookUp(entry.name.text);
  if (binding !== undefined) c.typeOfBinding(binding);
  c.infer(entry.value, inner);
}

function checkState(c: Checker, entry: State, inner: Scope): void {
  const type = c.resolveType(entry.type, typeScopeOf(c, inner));
  const params = inner.parent ?? inner;
  c.expect(entry.initial, params, type, `the first value of \`${entry.name.text}\``);
  if (inner.flow === null || inner.inTest || !isFlowBody(inner)) {
    c.report({ code: "AF2003", at: { start: entry.start, end: entry.start + 5 }, message: "`state` stands only at the top of a flow", help: "move it to the flow's block" });
  }
  if (entry.block === null) return;
  checkSettings(c, entry.block, {
    kind: "state",
    outer: inner,
    inner: blockScope(c, entry.block, inner),
    params,
    signature: null,
    value: type,
    at: entry.name,
    hasSteps: false,
  });
}

/** The parent of a flow's body is the scope of its parameters, whose parent is the file's. */
function isFlowBody(scope: Scope): boolean {
  return scope.parent?.parent?.parent === null;
}
