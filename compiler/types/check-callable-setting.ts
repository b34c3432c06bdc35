import { spanOf } from "../names/reporter.ts";
import { withoutParentheses } from "../names/plain-text.ts";
import { suggest } from "../names/suggest.ts";
import type { Expression, NameExpression } from "../syntax/tree.ts";
import type { CheckedAgent } from "./checked.ts";
import { contextScope } from "./block-scope.ts";
import { checkCache } from "./check-cache.ts";
import { listOf, recordOf } from "./built-in-types.ts";
import type { Checker } from "./checker.ts";
import { describe } from "./describe.ts";
import { expectCondition } from "./infer-operators.ts";
import { fits } from "./mismatch.ts";
import { reportSetting } from "./report-setting.ts";
import { resolveName } from "./resolve-name.ts";
import type { Owner, SettingUse } from "./setting-owner.ts";
import type { SettingCheck } from "./setting-check.ts";
import { errorType, noLabels } from "./type.ts";
import type { RecordField, Type } from "./type.ts";

/** Settings of agents and tools that follow their signature. */
export const callableChecks = {
  tools: checkTools,
  examples: checkExamples,
  check: checkChecks,
  confirm: checkConfirm,
  cache: checkCache,
} satisfies { readonly [value: string]: SettingCheck };

function checkTools(c: Checker, use: SettingUse, expression: Expression): void {
  const node = withoutParentheses(expression);
  if (node.kind !== "listLiteral") {
    const type = c.infer(expression, use.scope);
    const isCallables =
      type.kind === "list" &&
      (type.item.kind === "callable" ||
        type.item.kind === "error" ||
        type.item.kind === "never" ||
        type.item.kind === "role");
    if (type.kind !== "error" && !isCallables)
      reportSetting(c, use.spec, expression, `must be a list of tools, not ${describe(type)}`);
    return;
  }
  c.results.types.set(node, errorType);
  for (const item of node.items) checkTool(c, use, item);
}

function checkTool(c: Checker, use: SettingUse, item: Expression): void {
  const node = withoutParentheses(item);
  if (node.kind === "errorExpression") return;
  if (node.kind === "call") {
    c.infer(node, use.scope, { place: "pinned" });
    return;
  }
  if (node.kind !== "name") {
    const type = c.infer(item, use.scope);
    if (type.kind !== "error") reportTool(c, use, item, describe(type));
    return;
  }
  const meaning = resolveName(c, node.name, use.scope, "callable");
  if (meaning === undefined) return;
  const symbol = meaning.kind === "global" ? meaning.symbol : undefined;
  if (
    symbol !== undefined &&
    (symbol.kind === "tool" || symbol.kind === "flow" || symbol.kind === "agent")
  ) {
    c.results.types.set(node, { kind: "callable", symbol });
    return;
  }
  reportTool(
    c,
    use,
    item,
    symbol === undefined ? `\`${node.name.text}\`` : `the ${symbol.kind} \`${symbol.name}\``,
  );
}

function reportTool(c: Checker, { spec }: SettingUse, at: Expression, what: string): void {
  c.report({
    code: "AF3005",
    at,
    message: `\`${spec.key}\` lists tools, flows and agents, and ${what} is none`,
    help: "write `[search, lookUp(id: customerId)]`; what is written as an argument is fixed and not shown to the model",
  });
}

function checkExamples(c: Checker, { owner, scope }: SettingUse, expression: Expression): void {
  const { signature } = owner;
  if (signature === null) return;
  const input: Type = {
    kind: "record",
    declared: null,
    doc: null,
    fields: new Map(
      signature.params.map((param): [string, RecordField] => [
        param.name,
        { ...param, labels: noLabels },
      ]),
    ),
  };
  c.expect(expression, scope, listOf(recordOf({ input, output: signature.returns })), "`examples`");
}

function checkChecks(c: Checker, use: SettingUse, expression: Expression): void {
  const { entry, owner, scope } = use;
  const returns = owner.signature?.returns ?? errorType;
  const inner = contextScope(
    c,
    entry,
    scope,
    { scope: "context", kind: "output", name: "output", node: entry },
    returns,
  );
  const node = withoutParentheses(expression);
  if (node.kind !== "record") {
    const type = c.infer(expression, inner);
    if (type.kind !== "error")
      reportSetting(
        c,
        use.spec,
        expression,
        `is a record of messages and conditions, not ${describe(type)}`,
      );
    return;
  }
  c.results.types.set(node, errorType);
  for (const item of node.entries) {
    if (item.kind === "recordField" && item.value !== null)
      expectCondition(c, item.value, inner, `the condition of \`${item.key.text}\``);
    else
      c.infer(
        item.kind === "recordSpread"
          ? item.value
          : { kind: "name", name: item.key, start: item.start, end: item.end },
        inner,
      );
  }
}

function checkConfirm(
  c: Checker,
  { spec, owner, scope }: SettingUse,
  expression: Expression,
): void {
  const node = withoutParentheses(expression);
  if (node.kind !== "name") {
    const type = c.infer(expression, scope);
    if (type.kind !== "error")
      reportSetting(c, spec, expression, `takes the name of an agent, not ${describe(type)}`);
    return;
  }
  const meaning = resolveName(c, node.name, scope, "agent");
  if (meaning === undefined) return;
  const declaration = meaning.kind === "global" ? c.world.declaration(meaning.symbol) : undefined;
  if (declaration?.kind !== "agent") {
    c.report({
      code: "AF3005",
      at: node,
      message: `\`${spec.key}\` takes the name of an agent, and \`${node.name.text}\` is none`,
      help: "usually a person: an agent whose model is `human/…`",
    });
    return;
  }
  c.results.types.set(node, { kind: "callable", symbol: declaration.symbol });
  if (approves(c, node, declaration)) expectSameParams(c, node, declaration, owner);
}

/** Whoever is asked gives a record with `approved`. */
function approves(c: Checker, node: NameExpression, declaration: CheckedAgent): boolean {
  const { returns } = declaration.signature;
  const approved = returns.kind === "record" ? returns.fields.get("approved")?.type : undefined;
  if (returns.kind === "error") return false;
  if (approved !== undefined && fits(c.world, approved, { kind: "bool" })) return true;
  c.report({
    code: "AF3001",
    at: node,
    message: `\`${node.name.text}\` is asked to confirm, so it must give a record with \`approved: bool\``,
    related: [
      {
        span: spanOf(declaration.symbol.file, declaration.node.name),
        message: `it gives ${describe(returns)}`,
      },
    ],
    help: "let it give `{ approved: bool, … }`, or ask another agent",
  });
  return false;
}

/** It is given the tool's arguments, by name. */
function expectSameParams(
  c: Checker,
  node: NameExpression,
  declaration: CheckedAgent,
  owner: Owner,
): void {
  const given = new Map((owner.signature?.params ?? []).map((param) => [param.name, param]));
  for (const param of declaration.signature.params) {
    const own = given.get(param.name);
    const isMissing = own === undefined && param.default === null && param.type.kind !== "optional";
    if (!isMissing && (own === undefined || fits(c.world, own.type, param.type))) continue;
    const near = suggest({ file: c.file, at: node, written: param.name, candidates: given.keys() });
    const name = `\`${node.name.text}\``;
    c.report({
      code: own === undefined ? "AF3013" : "AF3001",
      at: node,
      message:
        own === undefined
          ? `${name} wants \`${param.name}\`, which this tool does not have`
          : `\`${param.name}\` of ${name} must be ${describe(own.type)} as in this tool, not ${describe(param.type)}`,
      related: [
        {
          span: spanOf(declaration.symbol.file, declaration.node.name),
          message: `${name} is declared here`,
        },
      ],
      help:
        near.help === undefined
          ? "its parameters are filled with those of the tool, by name"
          : `this tool has \`${near.names[0]}\``,
    });
    return;
  }
}
