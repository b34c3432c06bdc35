import type { Label } from "../diagnostics/diagnostic.ts";
import { spanOf } from "../names/reporter.ts";
import type { Scope } from "../names/scope.ts";
import type {
  Action,
  ActionEntry,
  Block,
  Entry,
  LetDeclaration,
  Node,
  State,
  Step,
  TypeNode,
} from "../syntax/tree.ts";
import { actionType } from "./action-type.ts";
import { typeScopeOf } from "./binding-type.ts";
import { blockScope } from "./block-scope.ts";
import type { Checker } from "./checker.ts";
import { checkPairs } from "./check-pairs.ts";
import { checkSettings } from "./check-settings.ts";
import { keepExpected } from "./expect.ts";
import { expectCondition } from "./infer-operators.ts";
import { knownType } from "./known-type.ts";
import { mismatch } from "./mismatch.ts";
import { reportMismatch } from "./report-mismatch.ts";
import type { Type } from "./type.ts";

/** Checks the steps, lets and states of a block whose own scope is `inner`; its settings are checked by its owner. */
export function checkEntries(c: Checker, block: Block, inner: Scope): void {
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
        else
          c.report({
            code: "AF2003",
            at: { start: entry.start, end: entry.start + 6 },
            message: "`expect` stands only in a `test`",
            help: "to check the answer of an agent, use its setting `check`",
          });
        break;
      case "action":
        c.checkAction(entry.action, inner);
        break;
      case "on":
        // Those of a flow are checked with its parameters.
        if (!isFlowBody(inner) || inner.inTest) reportPlace(c, entry, "on");
        break;
      default:
    }
  }
  reportUnnamed(c, block);
}

/** A block with several actions has no single value, so each needs a name. */
function reportUnnamed(c: Checker, block: Block): void {
  if (!block.entries.some(isAction)) return;
  const actions = block.entries.filter(
    (entry): entry is ActionEntry => entry.kind === "action" && !isBroken(c, entry.action),
  );
  // `step x = f f(y)` falls apart into a step that calls nothing and an action.
  if (block.entries.some((entry) => entry.kind === "step" && isUncalled(c, entry.action))) return;
  const steps = block.entries.filter((entry) => entry.kind === "step");
  const [first, second] = actions;
  if (first === undefined || actions.length + steps.length < 2) return;
  const at = second ?? first;
  const other = second === undefined ? steps[0] : first;
  c.report({
    code: "AF4002",
    at: firstLine(c, at),
    message: "this action needs a name, because its block has another one",
    related:
      other === undefined
        ? []
        : [{ span: spanOf(c.file, firstLine(c, other)), message: "the other one" }],
    help: "write `step name =` in front of it",
    fixes: [
      {
        title: actions.length === 1 ? "make it a step" : "make them steps",
        edits: actions.map((entry) => ({
          span: { file: c.file, start: entry.start, end: entry.start },
          text: `step ${nameFor(entry, block, actions)} = `,
        })),
        safe: false,
      },
    ],
  });
}

function isAction({ kind }: Entry): boolean {
  return kind === "action";
}

function firstLine(c: Checker, node: Node): Node {
  const line = c.sourceText.indexOf("\n", node.start);
  return { start: node.start, end: line === -1 ? node.end : Math.min(node.end, line) };
}

function isBroken(c: Checker, action: Action): boolean {
  if (action.kind !== "invoke") return false;
  const { expression } = action;
  if (expression.kind === "errorExpression") return true;
  // An unknown name is reported as such.
  if (expression.kind === "call") return c.results.calls.get(expression) === undefined;
  return expression.kind === "name" && knownType(c.results, expression)?.kind === "error";
}

/** A step that names an agent, tool or flow without calling it. */
function isUncalled(c: Checker, action: Action): boolean {
  return (
    action.kind === "invoke" &&
    action.expression.kind === "name" &&
    knownType(c.results, action.expression)?.kind === "callable"
  );
}

/** A free name after what is called: `logResult`, `logResult2`. */
function nameFor(entry: ActionEntry, block: Block, actions: readonly ActionEntry[]): string {
  const base = `${calleeOf(entry)}Result`;
  const taken = new Set(
    block.entries.flatMap((other) => ("name" in other ? [other.name.text] : [])),
  );
  const before = actions
    .slice(0, actions.indexOf(entry))
    .filter((other) => calleeOf(other) === calleeOf(entry)).length;
  let count = before + 1;
  const nameOf = (): string => (count === 1 ? base : `${base}${count}`);
  while (taken.has(nameOf())) count += 1;
  return nameOf();
}

function calleeOf({ action }: ActionEntry): string {
  if (action.kind !== "invoke") return action.kind;
  const { expression } = action;
  return expression.kind === "call" && expression.callee.kind === "name"
    ? expression.callee.name.text
    : "value";
}

function checkStep(c: Checker, entry: Step, inner: Scope): void {
  keepType(c, entry, inner);
  if (entry.type !== null) {
    const target = c.resolveType(entry.type, typeScopeOf(c, inner));
    c.checkAction(entry.action, inner);
    expectAction(c, entry.action, inner, {
      target,
      what: `the step \`${entry.name.text}\``,
      because: askedFor(c, entry.type),
    });
    return;
  }
  c.checkAction(entry.action, inner);
  if (isUncalled(c, entry.action)) reportUncalled(c, entry);
}

function reportUncalled(c: Checker, { action }: Step): void {
  if (action.kind !== "invoke" || action.expression.kind !== "name") return;
  const { name } = action.expression;
  c.report({
    code: "AF3012",
    at: name,
    message: `\`${name.text}\` is named here, but not called`,
    help: `write \`${name.text}(…)\` with its arguments`,
    fixes: [
      {
        title: `write \`${name.text}()\``,
        edits: [{ span: { file: c.file, start: name.end, end: name.end }, text: "()" }],
        safe: false,
      },
    ],
  });
}

function askedFor(c: Checker, type: TypeNode): Label {
  return { span: spanOf(c.file, type), message: "the type is asked for here" };
}

interface Wanted {
  readonly target: Type;
  readonly what: string;
  /** Where the type is written. */
  readonly because: Label;
}

function expectAction(
  c: Checker,
  action: Action,
  scope: Scope,
  { target, what, because }: Wanted,
): void {
  const related = [because];
  if (action.kind === "invoke" && action.expression.kind === "call") {
    const type = actionType(c, action, scope);
    const found = mismatch(c.world, type, target);
    keepExpected(c, action.expression, type, target);
    if (found !== null) reportMismatch(c, found, { at: action.expression, what, target, related });
    return;
  }
  if (action.kind === "invoke") {
    c.expect(action.expression, scope, target, what, because);
    return;
  }
  const found = mismatch(c.world, actionType(c, action, scope), target);
  const at = {
    kind: "errorExpression" as const,
    start: action.start,
    end: action.start + action.kind.length,
  };
  if (found !== null) reportMismatch(c, found, { at, what, target, related });
}

function checkLet(c: Checker, entry: LetDeclaration, inner: Scope): void {
  keepType(c, entry, inner);
  if (entry.type !== null) {
    const target = c.resolveType(entry.type, typeScopeOf(c, inner));
    c.expect(entry.value, inner, target, `\`${entry.name.text}\``, askedFor(c, entry.type));
    return;
  }
  c.infer(entry.value, inner);
}

/** Plans have the type of every name, whether something asks for its value or not. */
function keepType(c: Checker, entry: Step | LetDeclaration | State, inner: Scope): void {
  const binding = inner.lookUp(entry.name.text);
  if (binding !== undefined) c.typeOfBinding(binding);
}

function checkState(c: Checker, entry: State, inner: Scope): void {
  keepType(c, entry, inner);
  const type = c.resolveType(entry.type, typeScopeOf(c, inner));
  const params = inner.parent ?? inner;
  c.expect(entry.initial, params, type, `the first value of \`${entry.name.text}\``);
  if (inner.flow === null || inner.inTest || !isFlowBody(inner)) {
    reportPlace(c, entry, "state");
  }
  if (entry.block === null) return;
  const settings = checkSettings(c, entry.block, {
    kind: "state",
    outer: inner,
    inner: blockScope(c, entry.block, inner),
    params,
    signature: null,
    value: type,
    at: entry.name,
    hasSteps: false,
  });
  checkPairs(c, settings);
}

function reportPlace(c: Checker, { start }: Entry, keyword: "on" | "state"): void {
  c.report({
    code: "AF2003",
    at: { start, end: start + keyword.length },
    message: `\`${keyword}\` stands only at the top of a flow`,
    help: "move it to the flow's block",
  });
}

/** The parent of a flow's body is the scope of its parameters, whose parent is the file's. */
function isFlowBody(scope: Scope): boolean {
  return scope.parent?.parent?.parent === null;
}
