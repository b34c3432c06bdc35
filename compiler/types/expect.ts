import type { Label } from "../diagnostics/diagnostic.ts";
import { plainText, withoutParentheses } from "../names/plain-text.ts";
import type { Scope } from "../names/scope.ts";
import { spanOf } from "../names/reporter.ts";
import { someOf, suggest } from "../names/suggest.ts";
import type { Expression, Name, RecordExpression } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { describe, short } from "./describe.ts";
import { knownType } from "./known-type.ts";
import { literalsOf, mayBeLeftOut, mismatch, selects, tagType } from "./mismatch.ts";
import { reportMismatch } from "./report-mismatch.ts";
import type { RecordType, Type, UnionType } from "./type.ts";

export interface Expectation {
  readonly scope: Scope;
  readonly target: Type;
  /** What the value is put into: "the argument `title`". */
  readonly what: string;
  /** Where the place is declared. */
  readonly related?: (() => readonly Label[]) | undefined;
  /** How it is written there, if the type is not the program's to change. */
  readonly example?: string | undefined;
}

/** Infers an expression and reports what does not fit, at the innermost literal that is wrong. */
export function expectFit(c: Checker, expression: Expression, expectation: Expectation): Type {
  const type = inferFor(c, expression, expectation.scope, expectation.target);
  if (mismatch(c.world, type, expectation.target) !== null)
    explain(c, expression, type, expectation);
  return type;
}

/** Infers an expression where a value of type `target` is wanted. */
export function inferFor(c: Checker, expression: Expression, scope: Scope, target: Type): Type {
  const type = c.infer(expression, scope, { hint: target });
  // Whoever asks what is expected wants to know whether it is something else.
  if (type !== target || c.results.expected.has(expression))
    keepExpected(c, expression, type, target);
  return type;
}

/** Values whose form is known need no check where they meet another type. */
export function keepExpected(c: Checker, node: Expression | Name, type: Type, target: Type): void {
  switch (type.kind) {
    case "json":
    case "typeParameter":
    case "optional":
    case "list":
    case "record":
      c.results.expected.set(node, target);
      break;
    default:
  }
}

/** The same for the short record entry `{ name }`, whose value is its key. */
export function expectName(c: Checker, name: Name, type: Type, expectation: Expectation): void {
  keepExpected(c, name, type, expectation.target);
  const found = mismatch(c.world, type, expectation.target);
  if (found !== null)
    reportMismatch(c, found, {
      at: name,
      what: expectation.what,
      target: expectation.target,
      related: expectation.related?.(),
      example: expectation.example,
    });
}

/** Goes into literals and branches, to the part that is wrong. */
export function explain(
  c: Checker,
  expression: Expression,
  type: Type,
  expectation: Expectation,
): void {
  const { target, scope, what } = expectation;
  const node = withoutParentheses(expression);
  const wanted = target.kind === "optional" ? target.inner : target;
  if (
    node.kind === "record" &&
    (wanted.kind === "record" || (wanted.kind === "union" && wanted.tag !== null))
  ) {
    return explainRecord(c, node, wanted, expectation);
  }
  if (node.kind === "listLiteral" && wanted.kind === "list") {
    let explained = false;
    for (const item of node.items) {
      const itemType = c.infer(item, scope);
      if (mismatch(c.world, itemType, wanted.item) === null) continue;
      explained = true;
      explain(c, item, itemType, {
        ...expectation,
        target: wanted.item,
        what: what.startsWith("each item") ? what : `each item of ${what}`,
      });
    }
    if (explained) return;
  }
  if (node.kind === "conditional") {
    let explained = false;
    for (const branch of [node.then, node.else]) {
      const branchType = knownType(c.results, branch) ?? type;
      if (mismatch(c.world, branchType, target) === null) continue;
      explained = true;
      explain(c, branch, branchType, expectation);
    }
    if (explained) return;
  }
  const found = mismatch(c.world, type, target);
  if (found !== null) {
    reportMismatch(c, found, {
      at: node,
      what,
      target,
      related: expectation.related?.(),
      example: expectation.example,
    });
  }
}

function explainRecord(
  c: Checker,
  node: RecordExpression,
  target: RecordType | UnionType,
  expectation: Expectation,
): void {
  const record = target.kind === "record" ? target : memberFor(c, node, target, expectation);
  if (record === undefined) return;
  const spread = node.entries.some((entry) => entry.kind === "recordSpread");
  const type = knownType(c.results, node);
  const written = new Set<string>();
  const extras: Name[] = [];
  for (const entry of node.entries) {
    if (entry.kind === "recordSpread") continue;
    written.add(entry.key.text);
    const field = record.fields.get(entry.key.text);
    if (field === undefined) {
      if (entry.key.text !== "") extras.push(entry.key);
      continue;
    }
    const at = entry.value ?? entry.key;
    const given = knownType(c.results, at);
    const inner = { ...expectation, target: field.type, what: `\`${field.name}\`` };
    if (given === undefined) continue;
    keepExpected(c, at, given, field.type);
    if (mismatch(c.world, given, field.type) === null) continue;
    if (entry.value === null) expectName(c, entry.key, given, inner);
    else explain(c, entry.value, given, inner);
  }
  const missing = [...record.fields.values()].filter((field) => {
    const there = type?.kind === "record" ? type.fields.has(field.name) : written.has(field.name);
    return !there && !mayBeLeftOut(field);
  });
  const names = reportExtras(c, extras, record, {
    written,
    missing: missing.map((field) => field.name),
  });
  if (names.length > 0)
    reportMissing(c, node, record, { missing: names, related: expectation.related?.() });
  else if (spread && type !== undefined) explainSpread(c, node, type, record, expectation);
}

/** What a spread brings is judged as a whole. */
function explainSpread(
  c: Checker,
  node: RecordExpression,
  type: Type,
  record: RecordType,
  { what }: Expectation,
): void {
  const found = mismatch(c.world, type, record);
  const first = found?.path[0] ?? found?.field;
  const isWritten = node.entries.some(
    (entry) => entry.kind === "recordField" && entry.key.text === first,
  );
  if (found !== null && !isWritten) reportMismatch(c, found, { at: node, what, target: record });
}

/** Gives the missing fields that none of the fields too many can stand for: a misspelt field is one fault. */
function reportExtras(
  c: Checker,
  extras: readonly Name[],
  record: RecordType,
  { written, missing }: { written: ReadonlySet<string>; missing: readonly string[] },
): readonly string[] {
  const names = [...record.fields.keys()];
  const free = names.filter((name) => !written.has(name));
  const [only] = extras.length === 1 && missing.length === 1 ? missing : [];
  const meant = new Set<string>();
  for (const key of extras) {
    const near = suggest({ file: c.file, at: key, written: key.text, candidates: free });
    for (const name of near.names) meant.add(name);
    if (only !== undefined) meant.add(only);
    const all =
      names.length === 0
        ? "it has no fields"
        : `it has ${someOf(names.map((name) => `\`${name}\``))}`;
    c.report({
      code: "AF3002",
      at: key,
      message: `${describe(record)
        .replace(/^a record/u, "the record")
        .replace(/^an? `/u, "`")} has no field \`${key.text}\``,
      help: near.help ?? (only === undefined ? all : `the field that is missing is \`${only}\``),
      fixes: near.fixes,
    });
  }
  return missing.filter((name) => !meant.has(name));
}

function reportMissing(
  c: Checker,
  node: RecordExpression,
  record: RecordType,
  {
    missing,
    related,
  }: { readonly missing: readonly string[]; readonly related: readonly Label[] | undefined },
): void {
  const names = someOf(missing.map((name) => `\`${name}\``));
  c.report({
    code: "AF3002",
    at: { start: node.start, end: node.start + 1 },
    message: `this record lacks ${names}${record.declared === null ? "" : `, which \`${short(record)}\` requires`}`,
    related,
    help: `add ${missing.length === 1 ? `\`${missing[0]}: …\`` : "them"}; only fields with \`?\` or a default may be left out`,
  });
}

/** The member that the literal's own text selects; reports when it selects none. */
function memberFor(
  c: Checker,
  node: RecordExpression,
  union: UnionType,
  { what }: Expectation,
): RecordType | undefined {
  const tag = union.tag ?? "";
  const choices = literalsOf(tagType(union), c.world) ?? [];
  const allowed = someOf(
    choices.map((choice) => `\`${JSON.stringify(choice)}\``),
    8,
    "or",
  );
  const type = knownType(c.results, node);
  const field = type?.kind === "record" ? type.fields.get(tag) : undefined;
  const entry = node.entries.find((item) => item.kind === "recordField" && item.key.text === tag);
  if (field === undefined) {
    const at = { start: node.start, end: node.start + 1 };
    c.report({
      code: "AF3002",
      at,
      message: `this record lacks \`${tag}\`, which says what kind of \`${short(union)}\` it is`,
      help: `add \`${tag}:\` with ${allowed}`,
    });
    return undefined;
  }
  const values = literalsOf(field.type, c.world);
  const members = union.members.filter(
    (member): member is RecordType =>
      values?.some((value) => selects(member, tag, value)) === true && member.kind === "record",
  );
  if (members[0] !== undefined) return members[0];
  if (field.type.kind === "error") return undefined;
  const value = entry?.kind === "recordField" ? entry.value : null;
  const text = value === null ? undefined : plainText(value);
  const near =
    value === null || text === undefined
      ? undefined
      : suggest({
          file: c.file,
          at: value,
          written: text,
          candidates: choices,
          spell: (name) => JSON.stringify(name),
        });
  c.report({
    code: text === undefined ? "AF3001" : "AF3003",
    at: value ?? entry ?? node,
    message: `\`${tag}\` must be ${allowed}, not ${describe(field.type)}`,
    related: [
      {
        span: spanOf(c.file, { start: node.start, end: node.start + 1 }),
        message: `${what} must be a \`${short(union)}\``,
      },
    ],
    help: near?.help,
    fixes: near?.fixes,
  });
  return undefined;
}
