import { resolvePath } from "../names/module-path.ts";
import { plainText, withoutParentheses } from "../names/plain-text.ts";
import type { Scope } from "../names/scope.ts";
import type {
  ActionFunction,
  FunctionSymbol,
  PureFunction,
  TestFunction,
} from "../names/symbol.ts";
import type { CallExpression, Expression } from "../syntax/tree.ts";
import { bindArguments } from "./bind-arguments.ts";
import { errorRecord, simple } from "./built-in-types.ts";
import type { BoundArgument } from "./checked.ts";
import type { Checker, InferOptions } from "./checker.ts";
import { describe } from "./describe.ts";
import { includedText } from "./included-text.ts";
import { fits } from "./mismatch.ts";
import { resolveName } from "./resolve-name.ts";
import { reportCallInValue } from "./report-call-in-value.ts";
import { optional } from "./substitute.ts";
import {
  boolType,
  durationType,
  errorType,
  intType,
  jsonType,
  moneyType,
  neverType,
  noLabels,
  nullType,
  stringType,
} from "./type.ts";
import type { Parameter, Type } from "./type.ts";

export interface FunctionCall {
  readonly node: CallExpression;
  readonly symbol: FunctionSymbol;
  readonly scope: Scope;
  readonly options: InferOptions;
}

/** `fail`, `sleep`, `receive`, `emit`, `continue`, `trust`, `include` and the functions of tests. */
export function inferFunction(c: Checker, call: FunctionCall): Type {
  const { symbol, options } = call;
  const place = options.place ?? "value";
  if (symbol.kind === "action") {
    const inStub = place === "stub" && symbol.name === "fail";
    if (place !== "action" && !inStub) {
      reportCallInValue(c, call, `\`${symbol.name}\``);
      return errorType;
    }
    return inferAction(c, call, symbol.name as ActionFunction);
  }
  if (symbol.kind === "pure") return inferPure(c, call, symbol.name as PureFunction);
  return inferTest(c, call, symbol.name as TestFunction);
}

function parameter(name: string, type: Type): Parameter {
  return { name, type, doc: null, default: null, labels: noLabels };
}

/** Binds the arguments and records the call; the given types are compared later unless `open` names the parameter. */
function bind(
  c: Checker,
  call: FunctionCall,
  params: readonly Parameter[],
  returns: Type,
  open: readonly string[] = [],
): readonly BoundArgument[] {
  const { node, symbol, scope } = call;
  const { args, loose } = bindArguments(c, {
    node,
    scope,
    params,
    called: { kind: "function", name: symbol.name },
    partial: false,
  });
  const kind = symbol.kind;
  const name = symbol.name;
  const callee =
    kind === "action"
      ? { kind, name: name as ActionFunction }
      : kind === "pure"
        ? { kind, name: name as PureFunction }
        : { kind, name: name as TestFunction };
  c.results.calls.set(node, { node, callee, args, returns });
  c.defer(() => {
    for (const argument of args) {
      if (argument.node === null || open.includes(argument.parameter.name)) continue;
      c.expect(
        argument.node.value,
        scope,
        argument.parameter.type,
        `the argument \`${argument.parameter.name}\` of \`${name}\``,
      );
    }
    for (const { value } of loose) if (value.kind !== "lambda") c.infer(value, scope);
  });
  return args;
}

function valueOf(args: readonly BoundArgument[], name: string): Expression | undefined {
  return args.find((argument) => argument.parameter.name === name)?.node?.value;
}

function inferAction(c: Checker, call: FunctionCall, name: ActionFunction): Type {
  switch (name) {
    case "fail":
      return inferFail(c, call);
    case "sleep":
      return inferSleep(c, call);
    case "receive":
      bind(c, call, [parameter("topic", stringType)], jsonType);
      return jsonType;
    case "emit":
      bind(c, call, [parameter("topic", stringType), parameter("data", jsonType)], nullType);
      return nullType;
    case "continue":
      return inferContinue(c, call);
  }
}

function inferFail(c: Checker, call: FunctionCall): Type {
  const { scope } = call;
  // `fail(error)` passes the error on, also when it stands where its name would bind it.
  const [first] = call.node.args;
  const passesError =
    first !== undefined &&
    first.name?.text !== "code" &&
    first.name?.text !== "message" &&
    isErrorName(first.value);
  const params = passesError
    ? [parameter("error", errorRecord), parameter("message", optional(stringType))]
    : [parameter("code", simple("code")), parameter("message", optional(stringType))];
  const args = bind(c, call, params, neverType, ["code", "error"]);
  const code = valueOf(args, "code") ?? valueOf(args, "error");
  c.defer(() => {
    if (code === undefined) return;
    const type = c.infer(code, scope, { hint: simple("code") });
    const isCode =
      type.kind === "literal" ||
      type.kind === "code" ||
      (type.kind === "union" && type.tag === null);
    if (
      isCode ||
      type.kind === "error" ||
      type.kind === "never" ||
      fits(c.world, type, errorRecord)
    )
      return;
    c.report({
      code: "AF3001",
      at: code,
      message: `\`fail\` takes an error code or an error, not ${describe(type)}`,
      help: 'write the code as a text, such as `fail("not_found", message: "…")`',
    });
  });
  return neverType;
}

function isErrorName(value: Expression): boolean {
  const inner = withoutParentheses(value);
  return inner.kind === "name" && inner.name.text === "error";
}

function inferSleep(c: Checker, call: FunctionCall): Type {
  const [first] = call.node.args;
  const named = first?.name?.text;
  const isTime =
    named === "until" ||
    (first !== undefined &&
      named === undefined &&
      first.value.kind !== "errorExpression" &&
      c.infer(first.value, call.scope).kind === "time");
  bind(
    c,
    call,
    [isTime ? parameter("until", simple("time")) : parameter("for", durationType)],
    nullType,
  );
  return nullType;
}

function inferContinue(c: Checker, call: FunctionCall): Type {
  const { flow } = call.scope;
  const symbol = flow === null ? undefined : c.module.facts.declared.get(flow.name.text)?.symbol;
  const declaration = symbol === undefined ? undefined : c.world.declaration(symbol);
  if (declaration?.kind !== "flow") {
    if (flow === null)
      c.report({
        code: "AF3012",
        at: call.node.callee,
        message: "`continue` starts the flow it stands in again, and this is not inside a flow",
        help: "move it into the flow that is to go on",
      });
    return neverType;
  }
  bind(c, call, declaration.signature.params, neverType);
  return neverType;
}

function inferPure(c: Checker, call: FunctionCall, name: PureFunction): Type {
  if (name === "include") return inferInclude(c, call);
  const args = bind(
    c,
    call,
    [parameter("value", jsonType), parameter("reason", stringType)],
    jsonType,
    ["value"],
  );
  const value = valueOf(args, "value");
  const type = value === undefined ? errorType : c.infer(value, call.scope, call.options);
  const found = c.results.calls.get(call.node);
  if (found !== undefined) c.results.calls.set(call.node, { ...found, returns: type });
  return type;
}

function inferInclude(c: Checker, call: FunctionCall): Type {
  const args = bind(c, call, [parameter("path", stringType)], stringType, ["path"]);
  const value = valueOf(args, "path");
  if (value === undefined) return stringType;
  const path = plainText(value);
  if (path === undefined) {
    const type = c.infer(value, call.scope);
    if (type.kind !== "error")
      c.report({
        code: "AF3001",
        at: value,
        message: "`include` needs a path written here, without `${ }`",
        help: 'write it like `include("./prompt.md")`',
      });
    return stringType;
  }
  c.infer(value, call.scope);
  const file = resolvePath(c.file, path);
  c.uses({ include: file });
  const text = c.world.include(file);
  if (text === null) {
    c.report({
      code: "AF2005",
      at: value,
      message: `there is no file \`${path}\``,
      help: `it would be \`${file}\`; the path counts from the folder of this file`,
    });
    return stringType;
  }
  const literal = includedText(file, text, (fault) => c.inFile(file, text, () => c.report(fault)));
  c.results.includes.set(call.node, literal);
  return c.inFile(file, text, () => c.infer(literal, call.scope));
}

function inferTest(c: Checker, call: FunctionCall, name: TestFunction): Type {
  const { scope } = call;
  switch (name) {
    case "sequence": {
      const args = bind(c, call, [parameter("values", errorType)], errorType, ["values"]);
      const value = valueOf(args, "values");
      const type = value === undefined ? errorType : c.infer(value, scope, { place: "stub" });
      if (value !== undefined && type.kind !== "error" && type.kind !== "list")
        c.report({
          code: "AF3005",
          at: value,
          message: `\`sequence\` takes a list of answers, not ${describe(type)}`,
          help: "write `sequence([first, second])`",
        });
      return errorType;
    }
    case "costs":
    case "slow": {
      const first =
        name === "costs" ? parameter("amount", moneyType) : parameter("delay", durationType);
      const args = bind(c, call, [first, parameter("value", errorType)], errorType, ["value"]);
      const value = valueOf(args, "value");
      return value === undefined ? errorType : c.infer(value, scope, { place: "stub" });
    }
    case "calls":
      return inferCalls(c, call);
    case "ran":
      return inferRan(c, call);
    case "failed":
    case "spent": {
      const returns = name === "failed" ? optional(simple("code")) : moneyType;
      const args = bind(c, call, [parameter("run", errorType)], returns, ["run"]);
      const value = valueOf(args, "run");
      if (value !== undefined) expectRun(c, value, scope, name);
      return returns;
    }
  }
}

function expectRun(c: Checker, value: Expression, scope: Scope, name: string): void {
  const inner = withoutParentheses(value);
  const binding = inner.kind === "name" ? scope.lookUp(inner.name.text) : undefined;
  const type = c.infer(value, scope);
  if (type.kind === "error" || binding?.symbol.kind === "step") return;
  c.report({
    code: "AF3001",
    at: value,
    message: `\`${name}\` takes a step of this test`,
    help: `write \`step result = …\`, then \`${name}(result)\``,
  });
}

function inferCalls(c: Checker, call: FunctionCall): Type {
  const args = bind(c, call, [parameter("callable", errorType)], intType, ["callable"]);
  const value = valueOf(args, "callable");
  const returns: Type = { kind: "int", min: 0, max: null };
  if (value === undefined) return returns;
  const type = c.infer(value, call.scope, { hint: undefined });
  if (type.kind !== "callable" && type.kind !== "error") {
    c.report({
      code: "AF8002",
      at: value,
      message: `\`calls\` counts the calls of an agent, tool or flow, and this is ${describe(type)}`,
      help: "write the name of what is called: `calls(name)`",
    });
  }
  return returns;
}

/** `ran(flow.step.inner)`: only the flow is looked up here, the steps by the rule that knows them. */
function inferRan(c: Checker, call: FunctionCall): Type {
  const args = bind(c, call, [parameter("step", errorType)], boolType, ["step"]);
  const value = valueOf(args, "step");
  if (value === undefined) return boolType;
  let root = withoutParentheses(value);
  while (root.kind === "fieldAccess") {
    c.results.types.set(root, errorType);
    root = withoutParentheses(root.object);
  }
  if (root.kind !== "name") {
    if (root.kind !== "errorExpression")
      c.report({
        code: "AF3001",
        at: value,
        message: "`ran` takes the path of a step",
        help: "write it like `ran(flow.step)`",
      });
    return boolType;
  }
  const meaning = resolveName(c, root.name, call.scope, "callable");
  if (meaning === undefined) return boolType;
  const isFlow = meaning.kind === "global" && meaning.symbol.kind === "flow";
  if (meaning.kind === "global")
    c.results.types.set(root, { kind: "callable", symbol: meaning.symbol });
  if (!isFlow)
    c.report({
      code: "AF3001",
      at: root,
      message: `\`ran\` takes the path of a step, which starts with the name of a flow`,
      help: "write it like `ran(flow.step)`",
    });
  return boolType;
}
