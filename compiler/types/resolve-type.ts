import { oneOf, someOf, suggest, withArticle } from "../names/suggest.ts";
import { plainText } from "../names/plain-text.ts";
import { replace, spanOf } from "../names/reporter.ts";
import { builtInTypes, isBuiltInType } from "../names/reserved.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type {
  Field,
  NamedType,
  ShapeType,
  StringLiteral,
  TypeNode,
  UnionType as UnionNode,
} from "../syntax/tree.ts";
import { failureOf, plainTypes } from "./built-in-types.ts";
import type { Checker } from "./checker.ts";
import { boundsOf, listBounds } from "./resolve-bounds.ts";
import { unionOf } from "./resolve-union.ts";
import { optional } from "./substitute.ts";
import { patternOf } from "./text-format.ts";
import { errorType, noLabels, stringType } from "./type.ts";
import type { Labels, RecordField, Type } from "./type.ts";

export type TypeScope = ReadonlyMap<string, Type>;

/** The type a type expression means; faults are reported at its parts. */
export function resolveType(c: Checker, node: TypeNode, params: TypeScope): Type {
  switch (node.kind) {
    case "union":
      return resolveUnion(c, node, params);
    case "labelled":
      return resolveType(c, node.type, params);
    case "optional":
      return optional(resolveType(c, node.type, params));
    case "list": {
      const item = resolveType(c, node.item, params);
      const { min, max } = listBounds(c, node.range);
      return { kind: "list", item, min, max };
    }
    case "shape": {
      const fields = new Map<string, RecordField>();
      resolveFields(c, node, params, fields);
      return { kind: "record", declared: null, doc: null, fields };
    }
    case "literalType":
      return resolveLiteral(c, node.value);
    case "named":
      return resolveNamed(c, node, params);
    case "parenthesizedType":
      return resolveType(c, node.type, params);
    case "errorType":
      return errorType;
  }
}

/** Fills `fields`, so that a record may mention itself while it is being read. */
export function resolveFields(
  c: Checker,
  node: ShapeType,
  params: TypeScope,
  fields: Map<string, RecordField>,
): void {
  for (const field of node.fields) {
    const type = resolveType(c, field.type, params);
    if (field.name.text === "") continue;
    if (fields.has(field.name.text)) reportDoubled(c, node, field);
    else fields.set(field.name.text, recordField(c, field, type));
  }
}

export function recordField(c: Checker, field: Field, type: Type): RecordField {
  return {
    name: field.name.text,
    type,
    doc: field.doc?.text ?? null,
    default: field.default === null ? null : { expression: field.default, file: c.file },
    labels: labelsOf(field.type),
  };
}

export function labelsOf(node: TypeNode | null): Labels {
  let labels = noLabels;
  let inner = node;
  while (
    inner !== null &&
    (inner.kind === "labelled" || inner.kind === "parenthesizedType" || inner.kind === "optional")
  ) {
    if (inner.kind === "labelled") labels = { ...labels, [inner.label]: true };
    inner = inner.type;
  }
  return labels;
}

function reportDoubled(c: Checker, node: ShapeType, field: Field): void {
  const first = node.fields.find((other) => other.name.text === field.name.text);
  c.report({
    code: "AF2002",
    at: field.name,
    message: `the field \`${field.name.text}\` is there twice`,
    related:
      first === undefined ? [] : [{ span: spanOf(c.file, first.name), message: "first here" }],
    help: "remove one of the two, or give it another name",
  });
}

function resolveLiteral(c: Checker, value: StringLiteral): Type {
  const text = plainText(value);
  if (text !== undefined) return { kind: "literal", value: text };
  c.report({
    code: "AF3004",
    at: value,
    message: "a text that is a type cannot hold `${ }`",
    help: "write the text as it is, or use `string`",
  });
  return errorType;
}

function resolveUnion(c: Checker, node: UnionNode, params: TypeScope): Type {
  const members = node.members.map((member) => ({
    node: member.type,
    doc: member.doc?.text ?? null,
    type: isBareWord(c, member.type, params)
      ? bareWord(c, member.type)
      : resolveType(c, member.type, params),
  }));
  return unionOf(c, members);
}

/** `negative | neutral` without quotes. */
function isBareWord(c: Checker, node: TypeNode, params: TypeScope): node is NamedType {
  if (node.kind !== "named" || node.args.length > 0 || node.range !== null || node.pattern !== null)
    return false;
  const { text } = node.name;
  if (!/^[a-z][a-zA-Z0-9_]*$/u.test(text) || text in wordsOfOthers) return false;
  return (
    !params.has(text) && !c.module.names.has(text) && !c.isUnsure(text) && !isBuiltInType(text)
  );
}

function bareWord(c: Checker, node: NamedType): Type {
  const quoted = JSON.stringify(node.name.text);
  c.report({
    code: "AF2001",
    at: node,
    message: `there is no type \`${node.name.text}\``,
    help: `a text is written with quotes: \`${quoted}\``,
    fixes: [{ title: `write \`${quoted}\``, edits: [replace(c.file, node, quoted)], safe: true }],
  });
  return errorType;
}

function resolveNamed(c: Checker, node: NamedType, params: TypeScope): Type {
  const { text } = node.name;
  if (text === "") return errorType;
  const args =
    node.args.length === 0 ? noTypes : node.args.map((arg) => resolveType(c, arg, params));
  const param = params.get(text);
  if (param !== undefined)
    return args.length > 0 || hasConstraint(node) ? unconstrained(c, node, param) : param;
  const symbol = c.module.names.get(text);
  if (symbol === undefined) {
    if (isBuiltInType(text)) return resolveBuiltIn(c, node, args);
    if (!c.isUnsure(text)) reportUnknown(c, node, params);
    return errorType;
  }
  c.results.symbols.set(node.name, symbol);
  if (symbol.kind !== "type" && symbol.kind !== "role") {
    c.report({
      code: "AF2001",
      at: node.name,
      message: `\`${text}\` is ${withArticle(symbol.kind)}, not a type`,
      help:
        symbol.kind === "agent"
          ? "the type of what an agent gives stands behind its `->`"
          : "write the name of a type or a role",
    });
    return errorType;
  }
  if (hasConstraint(node)) return unconstrained(c, node, c.world.instantiate(symbol, args));
  return resolveDeclared(c, node, symbol, args);
}

const noTypes: readonly Type[] = [];

function resolveDeclared(
  c: Checker,
  node: NamedType,
  symbol: GlobalSymbol,
  args: readonly Type[],
): Type {
  const declared = c.world.modules.get(symbol.file)?.facts.declared.get(symbol.name)?.node;
  const wanted =
    declared?.kind === "type"
      ? declared.params
      : declared?.kind === "role"
        ? declared.typeParams
        : [];
  if (wanted.length !== args.length) {
    const names = wanted.map((name) => `\`${name.text}\``);
    c.report({
      code: "AF3013",
      at: node,
      message:
        wanted.length === 0
          ? `\`${symbol.name}\` takes no types in \`<…>\``
          : `\`${symbol.name}\` needs ${wanted.length === 1 ? "a type" : `${wanted.length} types`} for ${oneOf(names, "and")}, got ${args.length}`,
      help:
        wanted.length === 0
          ? `write \`${symbol.name}\` alone`
          : `write \`${symbol.name}<${wanted.map(() => "…").join(", ")}>\` with the types in place of \`…\``,
    });
    return errorType;
  }
  if (symbol.kind === "role") {
    c.uses("fillers");
    return { kind: "role", role: symbol, args };
  }
  return c.world.instantiate(symbol, args);
}

function hasConstraint(node: NamedType): boolean {
  return node.range !== null || node.pattern !== null;
}

function unconstrained(c: Checker, node: NamedType, type: Type): Type {
  c.report({
    code: "AF3005",
    at: node.range ?? node.pattern ?? node,
    message: `\`${node.name.text}\` takes ${hasConstraint(node) ? "no range or pattern" : "no types in `<…>`"} here`,
    help: hasConstraint(node)
      ? "ranges belong to `string`, `int`, `float`, `money`, `duration` and to lists: `T[1..5]`"
      : undefined,
  });
  return type;
}

function resolveBuiltIn(c: Checker, node: NamedType, args: readonly Type[]): Type {
  const { text } = node.name;
  if (text === "Failure")
    return args.length === 1 && args[0] !== undefined ? failureOf(args[0]) : wrongArgs(c, node, 1);
  if (args.length > 0) return wrongArgs(c, node, 0);
  const plain = plainTypes.get(text) ?? errorType;
  if (!hasConstraint(node)) return plain;
  switch (plain.kind) {
    case "string":
      return resolveString(c, node);
    case "int":
    case "float":
    case "money":
    case "duration": {
      if (node.pattern !== null) return unconstrained(c, node, plain);
      const { min, max } = boundsOf(c, node.range, plain.kind);
      return { kind: plain.kind, min, max };
    }
    default:
      return unconstrained(c, node, plain);
  }
}

function wrongArgs(c: Checker, node: NamedType, wanted: number): Type {
  c.report({
    code: "AF3013",
    at: node,
    message:
      wanted === 0
        ? `\`${node.name.text}\` takes no types in \`<…>\``
        : `\`${node.name.text}\` needs one type: \`${node.name.text}<T>\``,
    help:
      wanted === 0
        ? `write \`${node.name.text}\` alone`
        : "write the type of the items between `<` and `>`",
  });
  return errorType;
}

function resolveString(c: Checker, node: NamedType): Type {
  if (node.pattern !== null) {
    const pattern = plainText(node.pattern);
    if (pattern !== undefined && patternOf(pattern) !== null)
      return { kind: "string", min: null, max: null, pattern };
    c.report({
      code: "AF3005",
      at: node.pattern,
      message:
        pattern === undefined
          ? "a pattern cannot hold `${ }`"
          : `\`${pattern}\` is not a regular expression`,
      help: 'write a JavaScript regular expression, such as `string("^[a-z]+$")`',
    });
    return stringType;
  }
  const { min, max } = boundsOf(c, node.range, "string");
  return { kind: "string", min, max, pattern: null };
}

/** What other languages call our types. */
const wordsOfOthers: Readonly<Record<string, string>> = {
  number: "float",
  integer: "int",
  double: "float",
  decimal: "float",
  boolean: "bool",
  str: "string",
  text: "string",
  String: "string",
  any: "json",
  object: "json",
  unknown: "json",
  Date: "date",
  datetime: "time",
  timestamp: "time",
  void: "null",
  uuid: "string",
  UUID: "string",
  dict: "json",
  Dict: "json",
  map: "json",
  Map: "json",
  Record: "json",
  uri: "url",
  URL: "url",
};

function reportUnknown(c: Checker, node: NamedType, params: TypeScope): void {
  const { text } = node.name;
  const ours = Object.hasOwn(wordsOfOthers, text) ? wordsOfOthers[text] : undefined;
  const named = [...c.module.names.values()].filter(
    (symbol) => symbol.kind === "type" || symbol.kind === "role",
  );
  const near = suggest({
    file: c.file,
    at: node.name,
    written: text,
    candidates: [...params.keys(), ...named.map((symbol) => symbol.name), ...builtInTypes],
  });
  if (ours !== undefined && ours !== "null") {
    c.report({
      code: "AF2001",
      at: node.name,
      message: `there is no type \`${text}\``,
      help: `did you mean \`${ours}\`?`,
      fixes: [
        { title: `write \`${ours}\``, edits: [replace(c.file, node.name, ours)], safe: false },
      ],
    });
    return;
  }
  const known = named.map((symbol) => `\`${symbol.name}\``);
  const fallback = /^(?:list|array|set|sequence)$/iu.test(text)
    ? "the type of a list is that of its items with `[]` behind it: `string[]`"
    : known.length === 0
      ? `declare it: \`type ${text} { … }\``
      : `this file knows ${someOf(known, 6)}; declare or import \`${text}\``;
  c.report({
    code: "AF2001",
    at: node.name,
    message: `there is no type \`${text}\``,
    help: near.help ?? fallback,
    fixes: near.fixes,
  });
}
