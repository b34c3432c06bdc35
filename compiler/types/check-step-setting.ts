import type { Label } from "../diagnostics/diagnostic.ts";
import { insert, spanOf } from "../names/reporter.ts";
import { withoutParentheses } from "../names/plain-text.ts";
import { suggest } from "../names/suggest.ts";
import type { Expression, RecordExpression } from "../syntax/tree.ts";
import { actionType } from "./action-type.ts";
import { contextScope, fallbackScope } from "./block-scope.ts";
import { errorRecord, eventRecord, recordOf } from "./built-in-types.ts";
import type { CheckedDeclaration } from "./checked.ts";
import type { Checker } from "./checker.ts";
import { describe, short } from "./describe.ts";
import { expectFit, expectName } from "./expect.ts";
import { typeOfName } from "./infer-name.ts";
import { expectCondition } from "./infer-operators.ts";
import { mismatch } from "./mismatch.ts";
import { reportMismatch } from "./report-mismatch.ts";
import { isRequired } from "./bind-arguments.ts";
import { reportSetting } from "./report-setting.ts";
import { configSymbol, resolveName } from "./resolve-name.ts";
import { promised } from "./promised.ts";
import type { SettingCheck } from "./setting-check.ts";
import type { Owner, SettingUse } from "./setting-owner.ts";
import { optional } from "./substitute.ts";
import { boolType, errorType, stringType } from "./type.ts";
import type { Type } from "./type.ts";

/** Settings whose value is an action. */
export const actionChecks = { action: checkFallback, undo: checkUndo, next: checkNext };

/** Settings that follow the flow or the test they stand in. */
export const stepChecks = {
  next: checkNext,
  value: checkOutput,
  eventCondition: checkWhere,
  cancelOn: checkCancelOn,
  input: checkInput,
  stub: checkStub,
  testConfig: checkTestConfig,
} satisfies { readonly [value: string]: SettingCheck };

function checkCancelOn(c: Checker, use: SettingUse, expression: Expression): void {
  const target = recordOf({ topic: stringType, where: optional(boolType) });
  const { key, example } = use.spec;
  expectFit(c, expression, {
    scope: eventScope(c, use),
    target,
    what: `\`${key}\``,
    example: `${key}: ${example}`,
  });
}

function checkFallback(c: Checker, { entry, owner, scope }: SettingUse): void {
  const inner = fallbackScope(c, entry, scope, errorRecord);
  actionType(c, entry.value, inner);
  c.checkAction(entry.value, inner);
  if (owner.kind !== "flow" || owner.signature === null) return;
  const { returns } = owner.signature;
  expectAction(c, entry.value, inner, {
    target: returns,
    what: "the value of `fallback`",
    because: promiseOf(c, owner),
  });
}

/** Compares the value of an action, in detail if it is an expression. */
function expectAction(
  c: Checker,
  action: SettingUse["entry"]["value"],
  scope: SettingUse["scope"],
  {
    target,
    what,
    because,
  }: { readonly target: Type; readonly what: string; readonly because?: Label | undefined },
): void {
  if (action.kind === "invoke") {
    c.expect(action.expression, scope, target, what, because);
    return;
  }
  const found = mismatch(c.world, actionType(c, action, scope), target);
  if (found === null) return;
  const at = {
    kind: "errorExpression" as const,
    start: action.start,
    end: Math.min(action.end, action.start + action.kind.length),
  };
  const related = because === undefined ? [] : [because];
  reportMismatch(c, found, { at, what, target, related });
}

function checkUndo(c: Checker, { spec, entry, scope }: SettingUse): void {
  const { value } = entry;
  const isCall = value.kind === "invoke" && withoutParentheses(value.expression).kind === "call";
  c.checkAction(value, scope);
  if (isCall || (value.kind === "invoke" && value.expression.kind === "errorExpression")) return;
  c.report({
    code: "AF3005",
    at:
      value.kind === "invoke"
        ? value.expression
        : { start: value.start, end: value.start + value.kind.length },
    message: "`undo` takes the call that takes the effect back",
    help: `write it like \`undo: ${spec.example}\``,
  });
}

function checkNext(c: Checker, { entry, owner, scope, spec }: SettingUse): void {
  const { value } = entry;
  if (spec.key === "onIdle") c.checkAction(value, scope);
  expectAction(c, value, scope, { target: owner.value ?? errorType, what: `\`${spec.key}\`` });
}

function checkOutput(c: Checker, { spec, owner, scope }: SettingUse, expression: Expression): void {
  if (spec.key === "output" && owner.kind === "flow" && owner.signature !== null) {
    const { returns } = owner.signature;
    const type = c.infer(expression, scope, { hint: returns });
    if (
      returns.kind !== "null" ||
      type.kind === "null" ||
      type.kind === "error" ||
      type.kind === "never"
    )
      c.expect(expression, scope, returns, "`output`", promiseOf(c, owner));
    else reportNoReturn(c, expression, { type, owner });
    return;
  }
  c.infer(expression, scope);
}

function promiseOf(c: Checker, { promise }: Owner): Label | undefined {
  return promise === undefined ? undefined : promised(c, promise);
}

function reportNoReturn(
  c: Checker,
  at: Expression,
  { type, owner }: { readonly type: Type; readonly owner: Owner },
): void {
  const head = owner.promise;
  const text = short(type);
  // A role says for all who fill it what they give.
  const isWritable =
    head !== undefined && c.sourceText[head.end - 1] === ")" && !text.endsWith("…");
  c.report({
    code: "AF3001",
    at,
    message: `this flow gives ${describe(type)}, but its head promises nothing`,
    help: `write what it gives behind the parameters: \`-> ${text}\``,
    fixes: isWritable
      ? [
          {
            title: `write \`-> ${text}\``,
            edits: [insert(c.file, head.end, ` -> ${text}`)],
            safe: false,
          },
        ]
      : [],
  });
}

function eventScope(c: Checker, { entry, scope }: SettingUse): SettingUse["scope"] {
  return contextScope(
    c,
    entry,
    scope,
    { scope: "context", kind: "event", name: "event", node: entry },
    eventRecord("event"),
  );
}

function checkWhere(c: Checker, use: SettingUse, expression: Expression): void {
  // A trigger has its own event already.
  const inner = use.owner.kind === "receive" ? eventScope(c, use) : use.scope;
  expectCondition(c, expression, inner, "`where`");
}

/** What an event brings, as arguments of the flow. */
function checkInput(c: Checker, use: SettingUse, expression: Expression): void {
  const { scope, owner } = use;
  const node = withoutParentheses(expression);
  if (node.kind !== "record") {
    const type = c.infer(expression, scope);
    if (type.kind !== "error")
      reportSetting(
        c,
        use.spec,
        expression,
        `is a record of the flow's parameters, not ${describe(type)}`,
      );
    return;
  }
  c.results.types.set(node, errorType);
  const params = new Map((owner.signature?.params ?? []).map((param) => [param.name, param]));
  const given = new Set<string>();
  let isOpen = false;
  for (const entry of node.entries) {
    if (entry.kind === "recordSpread") {
      c.infer(entry.value, scope);
      isOpen = true;
      continue;
    }
    given.add(entry.key.text);
    const param = params.get(entry.key.text);
    if (param === undefined && entry.key.text !== "") {
      isOpen = true;
      reportParameter(c, use, entry.key);
    }
    expectEntry(c, entry, scope, param?.type, `\`${entry.key.text}\``);
  }
  const missing = [...params.values()].filter(
    (param) => !given.has(param.name) && isRequired(param),
  );
  if (missing.length === 0 || isOpen) return;
  c.report({
    code: "AF3013",
    at: { start: node.start, end: node.start + 1 },
    message: `\`input\` lacks ${missing.map((param) => `\`${param.name}\``).join(", ")}, which the flow needs`,
    help: `add \`${missing[0]?.name ?? ""}: …\`; without \`input\`, what arrives is matched by name`,
  });
}

function expectEntry(
  c: Checker,
  entry: RecordExpression["entries"][number] & { kind: "recordField" },
  scope: SettingUse["scope"],
  target: Type | undefined,
  what: string,
): void {
  if (entry.value !== null) {
    if (target === undefined) c.infer(entry.value, scope);
    else c.expect(entry.value, scope, target, what);
    return;
  }
  const type = typeOfName(c, entry.key, scope, "value", target);
  c.results.types.set(entry.key, type);
  if (target !== undefined) expectName(c, entry.key, type, { scope, target, what });
}

function reportParameter(
  c: Checker,
  { owner }: SettingUse,
  key: { readonly text: string; readonly start: number; readonly end: number },
): void {
  const params = (owner.signature?.params ?? []).map((param) => param.name);
  const near = suggest({ file: c.file, at: key, written: key.text, candidates: params });
  c.report({
    code: "AF3013",
    at: key,
    message: `the flow has no parameter \`${key.text}\``,
    help:
      near.help ??
      (params.length === 0
        ? "it has no parameters"
        : `it has ${params.map((name) => `\`${name}\``).join(", ")}`),
    fixes: near.fixes,
  });
}

/** Who is stubbed; whether the values fit is judged by the rule for stubs. */
function checkStub(c: Checker, use: SettingUse, expression: Expression): void {
  const node = withoutParentheses(expression);
  if (node.kind !== "record") {
    const type = c.infer(expression, use.scope);
    if (type.kind !== "error")
      reportSetting(
        c,
        use.spec,
        expression,
        `is a record of who is stubbed and what they give, not ${describe(type)}`,
      );
    return;
  }
  c.results.types.set(node, errorType);
  const seen = new Map<string, Expression | null>();
  for (const entry of node.entries) {
    if (entry.kind === "recordSpread") {
      c.infer(entry.value, use.scope);
      continue;
    }
    if (seen.has(entry.key.text)) {
      const first = node.entries.find(
        (other) => other.kind === "recordField" && other.key.text === entry.key.text,
      );
      c.report({
        code: "AF2002",
        at: entry.key,
        message: `\`${entry.key.text}\` is stubbed twice`,
        help: "remove one of the two; for one answer after another, write `sequence([…])`",
        related:
          first === undefined ? [] : [{ span: spanOf(c.file, first), message: "first here" }],
      });
    }
    seen.set(entry.key.text, entry.value);
    const meaning = resolveName(c, entry.key, use.scope, "callable");
    const declaration =
      meaning?.kind === "global" ? c.world.declaration(meaning.symbol) : undefined;
    if (declaration !== undefined && !isStubbable(declaration))
      c.report({
        code: "AF8002",
        at: entry.key,
        message: `only agents, tools and flows are stubbed, and \`${entry.key.text}\` is a ${declaration.kind}`,
        help:
          declaration.kind === "role"
            ? "stub those who fill it"
            : "stub the agent that uses it, or what it calls",
      });
    const hint =
      declaration !== undefined && "signature" in declaration
        ? declaration.signature.returns
        : undefined;
    if (entry.value !== null) c.infer(entry.value, use.scope, { place: "stub", hint });
  }
}

function isStubbable({ kind }: CheckedDeclaration): boolean {
  return kind === "agent" || kind === "tool" || kind === "flow";
}

function checkTestConfig(c: Checker, use: SettingUse, expression: Expression): void {
  const node = withoutParentheses(expression);
  if (node.kind !== "record") {
    const type = c.infer(expression, use.scope);
    if (type.kind !== "error")
      reportSetting(c, use.spec, expression, `is a record of config values, not ${describe(type)}`);
    return;
  }
  c.uses("config");
  c.results.types.set(node, errorType);
  for (const entry of node.entries) {
    if (entry.kind === "recordSpread") {
      c.infer(entry.value, use.scope);
      continue;
    }
    c.results.symbols.set(entry.key, configSymbol);
    const known = c.world.config.get(entry.key.text);
    if (known === undefined && entry.key.text !== "" && !c.world.configIsUnsure) {
      const near = suggest({
        file: c.file,
        at: entry.key,
        written: entry.key.text,
        candidates: c.world.config.keys(),
      });
      c.report({
        code: "AF2001",
        at: entry.key,
        message: `no file of this program declares \`config.${entry.key.text}\``,
        help: near.help,
        fixes: near.fixes,
      });
    }
    // A test may give a secret a made-up value.
    const target = known?.type.kind === "secret" ? stringType : known?.type;
    expectEntry(c, entry, use.scope, target, `\`${entry.key.text}\``);
  }
}
