import type { Label } from "../diagnostics/diagnostic.ts";
import { spanOf } from "../names/reporter.ts";
import { withoutParentheses } from "../names/plain-text.ts";
import type { Scope } from "../names/scope.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { CallExpression, Expression, NameExpression } from "../syntax/tree.ts";
import { bindArguments } from "./bind-arguments.ts";
import type { Bound } from "./bind-arguments.ts";
import { calledText, declaredAt } from "./called.ts";
import type { CalledRole } from "./called.ts";
import type { Callee } from "./checked.ts";
import type { Checker, InferOptions } from "./checker.ts";
import { describe } from "./describe.ts";
import { explain, inferFor } from "./expect.ts";
import { inferFunction } from "./infer-function.ts";
import { inferTypeArguments } from "./infer-type-arguments.ts";
import { fits } from "./mismatch.ts";
import { narrowed } from "./narrow.ts";
import { resolveName } from "./resolve-name.ts";
import { reportCallInValue } from "./report-call-in-value.ts";
import { substitute } from "./substitute.ts";
import type { TypeArguments } from "./substitute.ts";
import { errorType } from "./type.ts";
import type { Parameter, RoleType, Signature, Type } from "./type.ts";

/** Every call but those of methods. */
export function inferCall(
  c: Checker,
  node: CallExpression,
  scope: Scope,
  options: InferOptions,
): Type {
  const callee = withoutParentheses(node.callee);
  if (callee.kind === "name") return callName(c, node, callee, scope, options);
  const type = c.infer(callee, scope);
  return callValue(c, node, type, scope, options);
}

function callName(
  c: Checker,
  node: CallExpression,
  callee: NameExpression,
  scope: Scope,
  options: InferOptions,
): Type {
  const meaning = resolveName(c, callee.name, scope, "callable");
  switch (meaning?.kind) {
    case undefined:
      return failed(c, node, scope);
    case "function":
      return inferFunction(c, { node, symbol: meaning.symbol, scope, options });
    case "config":
      c.report({
        code: "AF3012",
        at: callee,
        message: "`config` cannot be called",
        help: "name one of its entries: `config.name`",
      });
      return failed(c, node, scope);
    case "binding": {
      const declared = c.typeOfBinding(meaning);
      const type =
        scope.factScope === null ? declared : narrowed(declared, callee.name.text, scope);
      c.results.types.set(callee, type);
      const parameter = meaning.symbol.kind === "parameter" ? callee.name.text : undefined;
      return callValue(c, node, type, scope, options, parameter);
    }
    case "global":
      return callGlobal(c, node, meaning.symbol, scope, options);
  }
}

function callGlobal(
  c: Checker,
  node: CallExpression,
  symbol: GlobalSymbol,
  scope: Scope,
  options: InferOptions,
): Type {
  switch (symbol.kind) {
    case "agent":
    case "tool":
    case "flow":
    case "role":
      c.results.types.set(withoutParentheses(node.callee), { kind: "callable", symbol });
      return callDeclared(c, node, symbol, scope, options);
    case "let": {
      const type = c.infer(node.callee, scope);
      return callValue(c, node, type, scope, options);
    }
    default:
      reportNotCallable(
        c,
        node,
        symbol.kind === "model" ? `the model \`${symbol.name}\`` : `the type \`${symbol.name}\``,
        modelHelp(symbol),
      );
      return failed(c, node, scope);
  }
}

function modelHelp(symbol: GlobalSymbol): string {
  return symbol.kind === "model"
    ? `call an agent that has \`model: ${symbol.name}\``
    : "a value of a type is written as it is, a record as `{ field: value }`";
}

function reportNotCallable(
  c: Checker,
  node: CallExpression,
  what: string,
  help: string | undefined,
): void {
  c.report({ code: "AF3012", at: node.callee, message: `${what} cannot be called`, help });
}

/** Calls a value: a role's, or a name that stands for an agent, tool or flow. */
function callValue(
  c: Checker,
  node: CallExpression,
  type: Type,
  scope: Scope,
  options: InferOptions,
  parameter?: string,
): Type {
  switch (type.kind) {
    case "role":
      return callRole(
        c,
        node,
        { kind: "role", value: node.callee, role: type, parameter },
        scope,
        options,
      );
    case "callable":
      return callDeclared(c, node, type.symbol, scope, options);
    case "error":
    case "never":
      return failed(c, node, scope);
    case "optional":
      if (type.inner.kind === "role" || type.inner.kind === "callable") {
        c.report({
          code: "AF3006",
          at: node.callee,
          message: `\`${c.textOf(node.callee)}\` may be null, and null cannot be called`,
          help: "say who is called then: `let worker = x ?? y`, or test with `!= null` first",
        });
        return failed(c, node, scope);
      }
      break;
    default:
  }
  reportNotCallable(
    c,
    node,
    describe(type),
    type.kind === "literal"
      ? "a value that names an agent has a role as its type"
      : "agents, tools, flows, roles and functions can be called",
  );
  return failed(c, node, scope);
}

/** Arguments are looked at for their own faults only. */
function failed(c: Checker, node: CallExpression, scope: Scope): Type {
  c.defer(() => {
    for (const { value } of node.args) if (value.kind !== "lambda") c.infer(value, scope);
  });
  return errorType;
}

function callDeclared(
  c: Checker,
  node: CallExpression,
  symbol: GlobalSymbol,
  scope: Scope,
  options: InferOptions,
): Type {
  const declaration = c.world.declaration(symbol);
  if (declaration === undefined || !("signature" in declaration)) return failed(c, node, scope);
  // A head that names no role tells nothing about parameters.
  if (
    declaration.kind !== "role" &&
    declaration.node.head.kind === "roleHead" &&
    declaration.role === null
  )
    return failed(c, node, scope);
  if (declaration.kind === "role") {
    const declared = declaration.signature.typeParams;
    const role: RoleType = { kind: "role", role: symbol, args: declared };
    expectFillers(c, node, role);
  }
  return finish(c, {
    node,
    called: { kind: "declaration", symbol },
    scope,
    options,
    signature: declaration.signature,
    known: noArgs,
  });
}

const noArgs: TypeArguments = new Map();

function callRole(
  c: Checker,
  node: CallExpression,
  called: CalledRole,
  scope: Scope,
  options: InferOptions,
): Type {
  const { role } = called;
  const declaration = c.world.declaration(role.role);
  if (declaration?.kind !== "role") return failed(c, node, scope);
  if (called.parameter === undefined) expectFillers(c, node, role);
  const known = new Map(
    declaration.signature.typeParams.map((param, index) => [
      param.id,
      role.args[index] ?? errorType,
    ]),
  );
  return finish(c, { node, called, scope, options, signature: declaration.signature, known });
}

function expectFillers(c: Checker, node: CallExpression, role: RoleType): void {
  c.uses("fillers");
  if ((c.world.fillers.get(role.role.id)?.length ?? 0) > 0 || c.module.facts.unsure.size > 0)
    return;
  c.report({
    code: "AF2006",
    at: node.callee,
    message: `nobody in this program fills the role \`${role.role.name}\``,
    related: declaredAt(c, role.role),
    help: `declare \`agent name: ${role.role.name} { … }\`, or import a file that does`,
  });
}

interface PreparedCall {
  readonly node: CallExpression;
  readonly called: { readonly kind: "declaration"; readonly symbol: GlobalSymbol } | CalledRole;
  readonly scope: Scope;
  readonly options: InferOptions;
  readonly signature: Signature;
  /** Type arguments that the callee's type tells. */
  readonly known: TypeArguments;
}

function finish(c: Checker, call: PreparedCall): Type {
  const { node, called, scope, signature, options } = call;
  const place = options.place ?? "value";
  if (place !== "action" && place !== "pinned") {
    reportCallInValue(c, call, calledText(c, called));
    c.defer(() => c.silently(() => failed(c, node, scope)));
    return errorType;
  }
  const params = withTypes(signature.params, call.known);
  const bound = bindArguments(c, {
    node,
    scope,
    params,
    called,
    partial: place === "pinned",
  });
  const found = signature.typeParams.length === 0 ? noArgs : typeArgumentsOf(c, call, bound);
  const typeArgs = found.size === 0 ? call.known : new Map([...call.known, ...found]);
  const returns = substitute(signature.returns, typeArgs);
  const args =
    found.size === 0
      ? bound.args
      : bound.args.map((arg) => ({
          ...arg,
          parameter: { ...arg.parameter, type: substitute(arg.parameter.type, found) },
        }));
  c.results.calls.set(node, { node, callee: calleeOf(called, typeArgs), args, returns });
  const symbol = called.kind === "declaration" ? called.symbol : called.role.role;
  if (node.args.length > 0)
    c.defer(() => checkArguments(c, { args, loose: bound.loose }, { scope, symbol }));
  return returns;
}

function typeArgumentsOf(c: Checker, call: PreparedCall, bound: Bound): TypeArguments {
  const { node, called, scope, signature, known } = call;
  const open = signature.typeParams.filter((param) => !known.has(param.id));
  return open.length === 0 ? noArgs : inferTypeArguments(c, { node, open, bound, scope, called });
}

function calleeOf(called: PreparedCall["called"], typeArgs: TypeArguments): Callee {
  if (called.kind === "declaration") {
    const { symbol } = called;
    return { kind: symbol.kind as "agent" | "tool" | "flow" | "role", symbol, typeArgs };
  }
  const { value, parameter, role } = called;
  return parameter === undefined
    ? { kind: "roleValue", value, role: role.role, typeArgs }
    : { kind: "roleParameter", parameter, role: role.role, typeArgs };
}

function withTypes(
  params: readonly Parameter[],
  known: ReadonlyMap<string, Type>,
): readonly Parameter[] {
  return known.size === 0
    ? params
    : params.map((param) => ({ ...param, type: substitute(param.type, known) }));
}

function checkArguments(
  c: Checker,
  bound: Bound,
  { scope, symbol }: { readonly scope: Scope; readonly symbol: GlobalSymbol },
): void {
  for (const { parameter, node } of bound.args) {
    if (node === null) continue;
    const target = parameter.type;
    const type = inferFor(c, node.value, scope, target);
    if (!fits(c.world, type, target))
      explainArgument(c, node.value, type, { parameter, scope, symbol });
  }
  for (const { value } of bound.loose) if (value.kind !== "lambda") c.infer(value, scope);
}

function explainArgument(
  c: Checker,
  value: Expression,
  type: Type,
  {
    parameter,
    scope,
    symbol,
  }: { readonly parameter: Parameter; readonly scope: Scope; readonly symbol: GlobalSymbol },
): void {
  explain(c, value, type, {
    scope,
    target: parameter.type,
    what: `the argument \`${parameter.name}\``,
    related: () => parameterAt(c, symbol, parameter.name),
  });
}

/** Where a parameter is declared: in the head of what is called, or in its role's. */
function parameterAt(c: Checker, symbol: GlobalSymbol, name: string): Label[] {
  const declaration = c.world.declaration(symbol);
  if (declaration === undefined || !("signature" in declaration)) return [];
  const role = declaration.kind === "role" ? null : declaration.role;
  if (role !== null) return parameterAt(c, role.symbol, name);
  const head = declaration.kind === "role" ? declaration.node.signature : declaration.node.head;
  const field =
    head.kind === "signature" ? head.params.find((param) => param.name.text === name) : undefined;
  return field === undefined
    ? []
    : [{ span: spanOf(symbol.file, field), message: "the parameter is declared here" }];
}
