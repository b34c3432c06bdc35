import { reportCallsBetween } from "./report-call-in-value.ts";
import { spanOf } from "../names/reporter.ts";
import type { Scope } from "../names/scope.ts";
import type {
  ConditionalExpression,
  Expression,
  ListExpression,
  Name,
  RecordExpression,
  RecordField as RecordEntryNode,
} from "../syntax/tree.ts";
import { fieldOf } from "./built-in-types.ts";
import type { Checker, InferOptions } from "./checker.ts";
import { describe } from "./describe.ts";
import { factsOf } from "./facts-of.ts";
import { typeOfName } from "./infer-name.ts";
import { expectCondition, reportBranches } from "./infer-operators.ts";
import { join, joinAll } from "./join.ts";
import { selects } from "./mismatch.ts";
import { withFacts } from "./narrow.ts";
import { deepestType, depthOf, tooDeep } from "./type-depth.ts";
import { errorType, neverType } from "./type.ts";
import type { RecordField, Type } from "./type.ts";
import { plainText } from "../names/plain-text.ts";

export function inferRecord(
  c: Checker,
  node: RecordExpression,
  scope: Scope,
  options: InferOptions,
): Type {
  const fields = new Map<string, RecordField>();
  const hint = recordHint(node, options.hint);
  const place = options.place === "stub" ? "stub" : "value";
  let failed = false;
  for (const entry of node.entries) {
    if (entry.kind === "recordSpread") {
      failed = !addSpread(c, entry.value, scope, fields, options) || failed;
      continue;
    }
    const { key, value } = entry;
    const twin = value === null ? twinOf(node, entry) : undefined;
    if (twin !== undefined) {
      reportDoubled(c, key, twin);
      continue;
    }
    const inner = hint?.kind === "record" ? hint.fields.get(key.text)?.type : undefined;
    const type =
      value === null
        ? shortEntry(c, key, scope, inner)
        : c.infer(value, scope, { place, hint: inner });
    if (key.text === "" && !entry.quoted) continue;
    // What stands there already may come from a spread.
    const first = fields.has(key.text) ? firstOf(node, entry) : undefined;
    if (first === undefined) fields.set(key.text, fieldOf(key.text, type));
    else reportDoubled(c, key, first);
  }
  if (failed) return errorType;
  return notTooLarge(c, node, { kind: "record", declared: null, doc: null, fields });
}

/** The key in front of this one that is the same. */
function firstOf(node: RecordExpression, entry: RecordEntryNode): Name | undefined {
  for (const other of node.entries) {
    if (other === entry) return undefined;
    if (other.kind !== "recordField" || other.key.text !== entry.key.text) continue;
    const isLeftOut = other.value === null && twinOf(node, other) !== undefined;
    if (!isLeftOut && (other.key.text !== "" || other.quoted)) return other.key;
  }
  return undefined;
}

/** Far more than a model or a person could fill in; records that grow with each `...` would never be checked. */
const mostFields = 1_000;

/** Values may build on one another thousands of times, their types may not. */
function notTooLarge(c: Checker, node: RecordExpression | ListExpression, type: Type): Type {
  const isLarge =
    node.kind === "record" &&
    type.kind === "record" &&
    type.fields.size > mostFields &&
    node.entries.some((entry) => entry.kind === "recordSpread");
  const depth = depthOf(type);
  if (!isLarge && depth <= deepestType) return type;
  if (depth === Number.POSITIVE_INFINITY) return tooDeep;
  c.report({
    code: "AF3010",
    at: node,
    message: isLarge
      ? `with what \`...\` copies, this record has more than ${mostFields.toLocaleString("en")} fields`
      : `this value is nested more than ${deepestType} levels deep`,
    help: isLarge
      ? "keep the parts in records of their own: `{ part: other }` in place of `{ ...other }`"
      : "put the parts side by side in a list instead of each inside the next",
  });
  return isLarge ? errorType : tooDeep;
}

/** The written-out entry of the same name beside a short one: most likely one entry that fell apart. */
function twinOf(node: RecordExpression, entry: RecordEntryNode): Name | undefined {
  for (const other of node.entries) {
    if (
      other !== entry &&
      other.kind === "recordField" &&
      other.key.text === entry.key.text &&
      other.value !== null
    )
      return other.key;
  }
  return undefined;
}

function shortEntry(c: Checker, key: Name, scope: Scope, hint: Type | undefined): Type {
  const type = typeOfName(c, key, scope, "value", hint);
  c.results.types.set(key, type);
  return type;
}

/** The record type the literal is meant to be, where a union offers several. */
function recordHint(node: RecordExpression, hint: Type | undefined): Type | undefined {
  const wanted = hint?.kind === "optional" ? hint.inner : hint;
  if (wanted?.kind !== "union" || wanted.tag === null) return wanted;
  const { tag } = wanted;
  for (const entry of node.entries) {
    if (entry.kind !== "recordField" || entry.key.text !== tag || entry.value === null) continue;
    const text = plainText(entry.value);
    return text === undefined
      ? undefined
      : wanted.members.find((member) => selects(member, tag, text));
  }
  return undefined;
}

function addSpread(
  c: Checker,
  value: Expression,
  scope: Scope,
  fields: Map<string, RecordField>,
  options: InferOptions,
): boolean {
  const type = c.infer(value, scope, { place: options.place === "stub" ? "stub" : "value" });
  if (type.kind === "record") {
    for (const field of type.fields.values())
      fields.set(field.name, fieldOf(field.name, field.type));
    return true;
  }
  if (type.kind !== "error") {
    c.report({
      code: "AF3005",
      at: value,
      message: `\`...\` copies the fields of a record, and this is ${describe(type)}`,
      help: "write a record behind `...`",
    });
  }
  return false;
}

function reportDoubled(c: Checker, key: Name, first: Name): void {
  c.report({
    code: "AF2002",
    at: key,
    message: `\`${key.text}\` is in this record twice`,
    related: [{ span: spanOf(c.file, first), message: "first here" }],
    help: "remove one of the two",
  });
}

export function inferList(
  c: Checker,
  node: ListExpression,
  scope: Scope,
  options: InferOptions,
): Type {
  const hint =
    options.hint?.kind === "list"
      ? options.hint.item
      : options.hint?.kind === "optional" && options.hint.inner.kind === "list"
        ? options.hint.inner.item
        : undefined;
  const inner: InferOptions = { place: options.place === "stub" ? "stub" : "value", hint };
  const types = node.items.map((item) => c.infer(item, scope, inner));
  const count = node.items.length;
  if (count === 0) return { kind: "list", item: neverType, min: 0, max: 0 };
  const joined = joinAll(c.world, types);
  if ("type" in joined)
    return notTooLarge(c, node, { kind: "list", item: joined.type, min: count, max: count });
  const [left, right] = [node.items[joined.left], node.items[joined.right]];
  if (left !== undefined && right !== undefined && options.place !== "stub") {
    reportBranches(c, right, types[joined.right] ?? errorType, {
      at: left,
      type: types[joined.left] ?? errorType,
      name: "the item before it",
    });
  }
  return { kind: "list", item: errorType, min: count, max: count };
}

export function inferConditional(
  c: Checker,
  node: ConditionalExpression,
  scope: Scope,
  options: InferOptions,
): Type {
  expectCondition(c, node.condition, scope, "the condition of `?:`");
  if (reportCallsBetween(c, node, scope)) return errorType;
  const then = c.infer(node.then, withFacts(scope, factsOf(node.condition, true)), {
    hint: options.hint,
  });
  const otherwise = c.infer(node.else, withFacts(scope, factsOf(node.condition, false)), {
    hint: options.hint,
  });
  const joined = join(c.world, then, otherwise);
  if (joined !== undefined) return joined;
  reportBranches(c, node.else, otherwise, { at: node.then, type: then, name: "the other branch" });
  return errorType;
}
