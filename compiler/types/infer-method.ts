import type { Method } from "../../plan/expression.ts";
import { insert, replace, spanOf } from "../names/reporter.ts";
import { Scope } from "../names/scope.ts";
import { someOf, suggest } from "../names/suggest.ts";
import type {
  Argument,
  CallExpression,
  Expression,
  FieldExpression,
  LambdaExpression,
} from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { describe } from "./describe.ts";
import { factsOf } from "./facts-of.ts";
import { expectCondition } from "./infer-operators.ts";
import { declareLocal } from "./local-names.ts";
import { join } from "./join.ts";
import { builtInField, builtInFields, itemsNeeded, methodNames, methodOf } from "./methods.ts";
import type { MethodSpec } from "./methods.ts";
import { applyFact } from "./narrow.ts";
import { errorType, intType, neverType, noLabels } from "./type.ts";
import type { Parameter, Type } from "./type.ts";

export interface MethodCall {
  readonly node: CallExpression;
  readonly callee: FieldExpression;
  /** Without null. */
  readonly object: Type;
  readonly scope: Scope;
}

/** Methods that lists do not have. */
const ofText: ReadonlySet<string> = new Set([
  "startsWith",
  "endsWith",
  "trim",
  "lower",
  "upper",
  "split",
]);

/** `xs.map(x => …)`, `text.trim()`. */
export function inferMethod(c: Checker, call: MethodCall): Type {
  const { node, callee, object, scope } = call;
  const name = callee.name.text;
  if (object.kind === "error" || object.kind === "never" || object.kind === "null" || name === "")
    return failed(c, call);
  if (object.kind === "json") {
    c.report({
      code: "AF3012",
      at: callee.name,
      message: `\`${name}\` cannot be called on untyped \`json\``,
      help: `say first what it is: ${ofText.has(name) ? "`let text: string = …`" : "`let items: Item[] = …`"}`,
    });
    return failed(c, call);
  }
  const method = methodOf(object, name);
  if (method === undefined) {
    reportUnknown(c, call);
    return failed(c, call);
  }
  const item = object.kind === "list" ? object.item : object;
  const needed = object.kind === "list" ? itemsNeeded(method.name, item) : undefined;
  if (needed !== undefined) {
    c.report({
      code: "AF3005",
      at: callee.name,
      message: `\`${name}\` needs a list of ${needed}, and the items are ${describe(item)}`,
      help: `take what is needed out of each item first: \`.map(item => …).${name}()\``,
    });
    return failed(c, call);
  }
  const [argument, ...more] = node.args;
  if (more[0] !== undefined) {
    c.report({
      code: "AF3013",
      at: more[0],
      message: `\`${name}\` takes ${method.argument.kind === "none" ? "no argument" : "one argument"}`,
      help: "remove it",
    });
    for (const extra of more) inferArgument(c, extra, scope);
  }
  const type = withArgument(c, call, method, argument);
  c.results.calls.set(node, {
    node,
    callee: { kind: "method", name: method.name, object: callee.object },
    args: argument === undefined ? [] : [{ parameter: valueParameter, node: argument }],
    returns: type,
  });
  return type;
}

const valueParameter: Parameter = {
  name: "value",
  type: errorType,
  doc: null,
  default: null,
  labels: noLabels,
};

function withArgument(
  c: Checker,
  call: MethodCall,
  method: MethodSpec,
  argument: Argument | undefined,
): Type {
  const { object, callee } = call;
  const spec = method.argument;
  if (spec.kind === "none") {
    if (argument !== undefined) {
      c.report({
        code: "AF3013",
        at: argument,
        message: `\`${method.name}\` takes no argument`,
        help: "remove it",
      });
      inferArgument(c, argument, call.scope);
    }
    return keepInt(
      object,
      method.name,
      method.result({ type: neverType, literal: null }),
      undefined,
    );
  }
  if (argument === undefined) {
    if (spec.kind === "lambda" && spec.mayBeMissing === true)
      return method.result({ type: neverType, literal: null });
    const what = spec.kind === "lambda" ? "a function over the items" : "a value";
    c.report({
      code: spec.kind === "lambda" ? "AF3011" : "AF3013",
      at: callee.name,
      message: `\`${method.name}\` needs ${what}`,
      help:
        spec.kind === "lambda"
          ? `write \`.${method.name}(item => …)\``
          : `write \`.${method.name}(…)\` with ${describe(spec.type)}`,
    });
    return method.result({ type: errorType, literal: null });
  }
  if (argument.name !== null) {
    c.report({
      code: "AF3013",
      at: argument.name,
      message: `the argument of \`${method.name}\` has no name`,
      help: "write the value alone",
      fixes: [
        {
          title: "remove the name",
          edits: [replace(c.file, { start: argument.start, end: argument.value.start }, "")],
          safe: true,
        },
      ],
    });
  }
  if (spec.kind === "lambda")
    return method.result({ type: lambdaArgument(c, call, method, argument.value), literal: null });
  return valueArgument(c, call, method, argument.value, spec);
}

function lambdaArgument(c: Checker, call: MethodCall, method: MethodSpec, value: Expression): Type {
  const item = call.object.kind === "list" ? call.object.item : errorType;
  if (value.kind !== "lambda") {
    const type = c.infer(value, call.scope);
    if (type.kind !== "error") reportNoLambda(c, call, method, value);
    return method.name === "filter" ? item : errorType;
  }
  const inner = lambdaScope(c, value, item, call.scope);
  c.results.types.set(value, errorType);
  if (method.argument.kind === "lambda" && method.argument.body === "bool") {
    expectCondition(c, value.body, inner, `the function of \`${method.name}\``);
    return method.name === "filter" ? filtered(item, value) : item;
  }
  const type = c.infer(value.body, inner);
  if (
    method.name === "sortBy" &&
    !["int", "float", "money", "duration", "date", "time", "percent", "error", "json"].includes(
      type.kind,
    )
  ) {
    c.report({
      code: type.kind === "optional" ? "AF3006" : "AF3005",
      at: value.body,
      message: `\`sortBy\` sorts by a number, money, duration, date or time, and this is ${describe(type)}`,
      help: "name a field of the item that can be ordered: `.sortBy(item => item.score)`",
    });
  }
  return type;
}

function lambdaScope(c: Checker, node: LambdaExpression, item: Type, scope: Scope): Scope {
  const inner = new Scope(scope);
  declareLocal(
    c,
    inner,
    { scope: "local", kind: "lambda", name: node.param.text, node },
    node.param,
  );
  const binding = inner.lookUp(node.param.text);
  if (binding !== undefined) c.results.symbolTypes.set(binding.symbol, item);
  return inner;
}

/** `filter(x => x != null)` leaves items that are not null. */
function filtered(item: Type, node: LambdaExpression): Type {
  return (factsOf(node.body, true).get(node.param.text) ?? []).reduce(applyFact, item);
}

function reportNoLambda(c: Checker, call: MethodCall, method: MethodSpec, value: Expression): void {
  const isName = value.kind === "name";
  const text = c.textOf(value);
  c.report({
    code: "AF3011",
    at: value,
    message: `\`${method.name}\` needs a function over the items, such as \`item => …\``,
    help: `write \`.${method.name}(item => …)\`; \`item\` stands for each item of the list`,
    fixes: isName
      ? []
      : [
          {
            title: "make it a function",
            edits: [insert(c.file, value.start, "item => ")],
            safe: false,
          },
        ],
    related:
      text === ""
        ? []
        : [
            {
              span: spanOf(c.file, call.callee.object),
              message: `the items are ${describe(call.object.kind === "list" ? call.object.item : errorType)}`,
            },
          ],
  });
}

function valueArgument(
  c: Checker,
  call: MethodCall,
  method: MethodSpec,
  value: Expression,
  spec: MethodSpec["argument"] & { kind: "value" },
): Type {
  const { object, scope } = call;
  if (method.name === "concat") return concatArgument(c, call, method, value);
  if (
    spec.literal === true &&
    (value.kind !== "literal" || (value.type !== "int" && value.type !== "size"))
  ) {
    const type = c.infer(value, scope);
    if (type.kind !== "error") {
      c.report({
        code: "AF3005",
        at: value,
        message: `\`${method.name}\` needs a number written here, so that the size is known before anything runs`,
        help: `write it like \`.${method.name}(10)\``,
      });
    }
    return method.result({ type, literal: null });
  }
  const isContains = method.name === "contains" && object.kind === "list";
  const type =
    isContains && object.kind === "list" && object.item.kind === "never"
      ? c.infer(value, scope)
      : c.expect(value, scope, spec.type, `the argument of \`${method.name}\``);
  const literal = value.kind === "literal" && typeof value.value === "number" ? value.value : null;
  return keepInt(object, method.name, method.result({ type, literal }), type);
}

/** Both lists may bring items: their types join. */
function concatArgument(c: Checker, call: MethodCall, method: MethodSpec, value: Expression): Type {
  const { object, scope } = call;
  const type = c.infer(value, scope, { hint: object });
  if (type.kind === "error" || object.kind !== "list") return object;
  if (type.kind !== "list") {
    c.expect(value, scope, { ...object, min: null, max: null }, "the argument of `concat`");
    return object;
  }
  const item = join(c.world, object.item, type.item);
  if (item === undefined) {
    c.expect(
      value,
      scope,
      { kind: "list", item: object.item, min: null, max: null },
      "the argument of `concat`",
    );
    return object;
  }
  return method.result({ type: { ...type, item }, literal: null });
}

/** What is computed from ints only stays an int. */
function keepInt(object: Type, name: Method, result: Type, given: Type | undefined): Type {
  const isInt = object.kind === "int" && (given === undefined || given.kind === "int");
  if (!isInt || !["min", "max", "abs"].includes(name)) return result;
  if (name === "abs") return { kind: "int", min: 0, max: null };
  return intType;
}

function reportUnknown(c: Checker, { callee, object }: MethodCall): void {
  const name = callee.name.text;
  if (builtInField(object, name) !== undefined) {
    c.report({
      code: "AF3012",
      at: callee.name,
      message: `\`${name}\` is a field, so it is not called`,
      help: `write \`.${name}\` without \`()\``,
    });
    return;
  }
  const methods = methodNames(object);
  const near = suggest({
    file: c.file,
    at: callee.name,
    written: name,
    candidates: [...methods, ...builtInFields(object)],
  });
  const known: Readonly<Record<string, string>> = {
    size: "length",
    some: "any",
    every: "all",
    includes: "contains",
    push: "concat",
    slice: "take",
    toLowerCase: "lower",
    toUpperCase: "upper",
    forEach: "map",
    reduce: "sum",
  };
  const other = Object.hasOwn(known, name) ? known[name] : undefined;
  const isOther = near.help === undefined && other !== undefined && methods.includes(other);
  c.report({
    code: "AF3002",
    at: callee.name,
    message: `${describe(object)} has no method \`${name}\``,
    help: isOther
      ? `did you mean \`${other}\`?`
      : (near.help ??
        (methods.length === 0
          ? "it has no methods"
          : `it has ${someOf(
              methods.map((method) => `\`${method}\``),
              24,
            )}`)),
    fixes: isOther
      ? [{ title: `write \`${other}\``, edits: [replace(c.file, callee.name, other)], safe: false }]
      : near.fixes,
  });
}

/** Arguments of a call that failed: their own faults are still worth telling. */
function failed(c: Checker, { node, scope }: MethodCall): Type {
  // Later, because in a loop they may depend on what this call gives.
  c.defer(() => {
    for (const argument of node.args) inferArgument(c, argument, scope);
  });
  return errorType;
}

function inferArgument(c: Checker, argument: Argument, scope: Scope): void {
  if (argument.value.kind !== "lambda") {
    c.infer(argument.value, scope);
    return;
  }
  const inner = lambdaScope(c, argument.value, errorType, scope);
  c.infer(argument.value.body, inner);
}
