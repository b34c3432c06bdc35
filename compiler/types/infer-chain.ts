import { insert, replace } from "../names/reporter.ts";
import type { Scope } from "../names/scope.ts";
import { someOf, suggest } from "../names/suggest.ts";
import type {
  CallExpression,
  Expression,
  FieldExpression,
  IndexExpression,
} from "../syntax/tree.ts";
import { isName } from "../names/plain-text.ts";
import type { Checker, InferOptions, Link } from "./checker.ts";
import { configEntry } from "./config-entry.ts";
import { withoutNull } from "./comparable.ts";
import { describe, short } from "./describe.ts";
import { pathOf } from "./facts-of.ts";
import { inferMethod } from "./infer-method.ts";
import { join } from "./join.ts";
import { tagType } from "./mismatch.ts";
import { builtInField, builtInFields, methodNames, methodOf } from "./methods.ts";
import { narrowed } from "./narrow.ts";
import { optional } from "./substitute.ts";
import { errorType, intType, jsonType, nullType } from "./type.ts";
import type { RecordType, Type, UnionType } from "./type.ts";

type ChainNode = FieldExpression | IndexExpression | CallExpression;

/** Fields, indexes and methods. A `?.` ends the whole chain with null, so what follows sees a value. */
export function inferChain(c: Checker, node: ChainNode, scope: Scope, options: InferOptions): Type {
  const found = narrowLink(node, compute(c, node, scope, options), scope);
  if (!found.chained) return found.type;
  c.links.set(node, found);
  return optional(found.type);
}

/** The part of a chain that stands in front of another one. */
function link(c: Checker, node: Expression, scope: Scope): Link {
  const type = c.infer(node, scope);
  return c.links.get(node) ?? { type, chained: false };
}

function narrowLink(node: Expression, found: Link, scope: Scope): Link {
  const path = scope.factScope === null || node.kind !== "fieldAccess" ? null : pathOf(node);
  if (path === null) return found;
  const full = found.chained ? optional(found.type) : found.type;
  const narrow = narrowed(full, path, scope);
  return narrow === full ? found : { type: narrow, chained: false };
}

function compute(c: Checker, node: ChainNode, scope: Scope, options: InferOptions): Link {
  switch (node.kind) {
    case "fieldAccess":
      return field(c, node, scope);
    case "index":
      return index(c, node, scope);
    case "call":
      return call(c, node, scope, options);
  }
}

/** The object of a field or method without its null, and whether null ends the chain here. */
function objectOf(c: Checker, node: FieldExpression | IndexExpression, scope: Scope): Link {
  const object = link(c, node.object, scope);
  const isOptionalAccess = node.kind === "fieldAccess" && node.optional;
  if (object.type.kind !== "optional" && object.type.kind !== "null") {
    return isOptionalAccess && object.type.kind === "json"
      ? { type: object.type, chained: false }
      : object;
  }
  if (isOptionalAccess) return { type: withoutNull(object.type), chained: true };
  reportNullObject(c, node, object.type);
  return { type: errorType, chained: object.chained };
}

function reportNullObject(c: Checker, node: FieldExpression | IndexExpression, type: Type): void {
  const text = c.textOf(node.object);
  const shown = text.length <= 40 ? `\`${text}\`` : "this value";
  const access = node.kind === "index" ? "an item" : `\`${node.name.text}\``;
  const dot = node.kind === "fieldAccess" ? c.sourceText.indexOf(".", node.object.end) : -1;
  c.report({
    code: "AF3006",
    at: node.kind === "fieldAccess" && node.name.end > node.name.start ? node.name : node,
    message:
      type.kind === "null"
        ? `${shown} is null, so it has no ${access.replace("an item", "items")}`
        : `${shown} may be null, and then it has no ${access.replace("an item", "items")}`,
    label: type.kind === "null" ? undefined : "null has no fields",
    help:
      dot >= 0
        ? "`?.` passes the null on; or test with `!= null` first"
        : "test with `!= null` first, or replace null with `?? value`",
    fixes:
      dot >= 0
        ? [
            {
              title: "write `?.`",
              edits: [replace(c.file, { start: dot, end: dot + 1 }, "?.")],
              safe: false,
            },
          ]
        : [],
  });
}

function field(c: Checker, node: FieldExpression, scope: Scope): Link {
  if (
    node.object.kind === "name" &&
    node.object.name.text === "config" &&
    scope.lookUp("config") === undefined
  ) {
    return { type: configEntry(c, node, node.object.name), chained: false };
  }
  const object = objectOf(c, node, scope);
  if (node.name.text === "") return { type: errorType, chained: object.chained };
  return { type: fieldType(c, object.type, node), chained: object.chained };
}

function fieldType(c: Checker, object: Type, node: FieldExpression): Type {
  const name = node.name.text;
  switch (object.kind) {
    case "error":
    case "never":
      return errorType;
    case "json":
      return jsonType;
    case "null":
      return nullType;
    case "record": {
      const found = object.fields.get(name);
      if (found !== undefined) return found.type;
      break;
    }
    case "union": {
      if (object.tag === null) break;
      const type = commonField(c, object, node);
      if (type !== undefined) return type;
      break;
    }
    default:
  }
  const builtIn = builtInField(object, name);
  if (builtIn !== undefined) return builtIn;
  reportNoField(c, object, node);
  return errorType;
}

/** A field that all members of a union have; one that only some have is reported with the way to it. */
function commonField(c: Checker, union: UnionType, node: FieldExpression): Type | undefined {
  const name = node.name.text;
  const members = union.members.filter((member): member is RecordType => member.kind === "record");
  const having = members.filter((member) => member.fields.has(name));
  if (having.length === 0) return undefined;
  if (having.length < members.length) {
    const tag = union.tag ?? "";
    const kinds = having
      .flatMap((member) => textsOf(member.fields.get(tag)?.type))
      .map((text) => `\`${JSON.stringify(text)}\``);
    const object = c.textOf(node.object);
    c.report({
      code: "AF3002",
      at: node.name,
      message: `only a \`${short(union)}\` whose \`${tag}\` is ${someOf(kinds, 4, "or")} has \`${name}\``,
      help: `test \`${object}.${tag}\` first, with \`match\` or \`if ${object}.${tag} == ${kinds[0]?.slice(1, -1) ?? '"…"'}\``,
    });
    return errorType;
  }
  if (name === union.tag && having.length > 1) return tagType(union);
  let type: Type | undefined;
  for (const member of having) {
    const own = member.fields.get(name)?.type ?? errorType;
    type = type === undefined ? own : join(c.world, type, own);
    if (type === undefined) return jsonType;
  }
  return type;
}

function textsOf(type: Type | undefined): string[] {
  if (type?.kind === "literal") return [type.value];
  return type?.kind === "union"
    ? type.members.flatMap((member) => (member.kind === "literal" ? [member.value] : []))
    : [];
}

function reportNoField(c: Checker, object: Type, node: FieldExpression): void {
  const name = node.name.text;
  const method = methodOf(object, name);
  if (method !== undefined) {
    c.report({
      code: "AF3002",
      at: node.name,
      message: `\`${name}\` is a method, so it is called`,
      help: `write \`.${name}(…)\``,
      fixes:
        method.argument.kind === "none"
          ? [
              {
                title: `write \`${name}()\``,
                edits: [insert(c.file, node.name.end, "()")],
                safe: true,
              },
            ]
          : [],
    });
    return;
  }
  const names =
    object.kind === "record"
      ? [...object.fields.keys()]
      : object.kind === "union"
        ? fieldsOfAll(object)
        : [...builtInFields(object), ...methodNames(object)];
  const near = suggest({ file: c.file, at: node.name, written: name, candidates: names });
  const list = names.map((item) => `\`${item}\``);
  c.report({
    code: "AF3002",
    at: node.name,
    message:
      object.kind === "callable"
        ? callableField(object.symbol.kind, object.symbol.name, name)
        : `${describe(object)} has no field \`${name}\``,
    help: near.help ?? (list.length === 0 ? helpForNothing(object) : `it has ${someOf(list)}`),
    fixes: near.fixes,
  });
}

function callableField(kind: string, callee: string, name: string): string {
  return `the ${kind} \`${callee}\` has not been called, so it has no field \`${name}\``;
}

function helpForNothing(object: Type): string | undefined {
  if (object.kind === "callable")
    return `call it in a step: \`step result = ${object.symbol.name}(…)\`, then use \`result\``;
  if (object.kind === "typeParameter")
    return `nothing is known about \`${object.name}\`; it stands for any type`;
  return undefined;
}

function fieldsOfAll(union: UnionType): string[] {
  return [
    ...new Set(
      union.members.flatMap((member) =>
        member.kind === "record" ? [...member.fields.keys()] : [],
      ),
    ),
  ];
}

function index(c: Checker, node: IndexExpression, scope: Scope): Link {
  const object = objectOf(c, node, scope);
  if (object.type.kind === "json") {
    c.infer(node.index, scope);
    return { type: jsonType, chained: object.chained };
  }
  if (object.type.kind === "list") {
    c.expect(node.index, scope, intType, "the place of an item");
    return { type: optional(object.type.item), chained: object.chained };
  }
  const at = c.infer(node.index, scope);
  if (object.type.kind !== "error" && object.type.kind !== "never" && at.kind !== "error") {
    c.report({
      code: "AF3005",
      at: node.object,
      message: `\`[…]\` takes an item out of a list, and this is ${describe(object.type)}`,
      help: at.kind === "literal" ? `a field is read with a dot: \`.${at.value}\`` : undefined,
    });
  }
  return { type: errorType, chained: object.chained };
}

function call(c: Checker, node: CallExpression, scope: Scope, options: InferOptions): Link {
  const { callee } = node;
  if (callee.kind !== "fieldAccess" || isName(callee))
    return { type: c.inferCall(node, scope, options), chained: false };
  const isConfig =
    callee.object.kind === "name" &&
    callee.object.name.text === "config" &&
    scope.lookUp("config") === undefined;
  const object = isConfig ? { type: errorType, chained: false } : objectOf(c, callee, scope);
  if (isConfig) c.infer(callee, scope);
  if (object.type.kind === "record" || object.type.kind === "union") {
    const role =
      object.type.kind === "record" ? object.type.fields.get(callee.name.text)?.type : undefined;
    if (role !== undefined || object.type.kind === "record" || object.type.tag !== null)
      return { type: c.inferCall(node, scope, options), chained: object.chained };
  }
  return {
    type: inferMethod(c, { node, callee, object: object.type, scope }),
    chained: object.chained,
  };
}
