import { spanOf } from "../names/reporter.ts";
import type { TypeNode } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";
import { tagOf } from "./join.ts";
import { typeText } from "./type-text.ts";
import { errorType } from "./type.ts";
import type { LiteralType, RecordType, Type, UnionType } from "./type.ts";

interface Member {
  readonly node: TypeNode;
  readonly doc: string | null;
  readonly type: Type;
}

interface Part extends Member {
  readonly type: LiteralType | RecordType;
}

/** The union of the members, unions among them opened; the error type, reported, if that is no legal union. */
export function unionOf(c: Checker, members: readonly Member[]): Type {
  if (members.some(({ type }) => type.kind === "error")) return errorType;
  const parts: Part[] = [];
  for (const member of members) {
    if (!addParts(c, member, parts)) return errorType;
  }
  const literals = parts.filter(({ type }) => type.kind === "literal");
  if (literals.length === parts.length) return literalsOf(c, parts);
  const odd = parts.find(({ type }) => type.kind === "literal");
  if (odd !== undefined) {
    report(
      c,
      odd.node,
      "a union is either of texts or of records, not of both",
      'put the text into a record: `{ kind: "…" }`',
    );
    return errorType;
  }
  return recordsOf(c, parts);
}

function addParts(c: Checker, member: Member, parts: Part[]): boolean {
  const { node, doc, type } = member;
  switch (type.kind) {
    case "literal":
    case "record":
      parts.push({ node, doc, type });
      return true;
    case "union":
      type.members.forEach((inner, index) =>
        parts.push({ node, doc: type.docs[index] ?? doc, type: inner }),
      );
      return true;
    case "optional":
    case "null":
      report(
        c,
        node,
        "null is no member of a union",
        'write the union in parentheses with a `?` behind it: `("a" | "b")?`',
      );
      return false;
    default:
      report(
        c,
        node,
        `\`${typeText(type)}\` cannot be a member of a union`,
        'the members are either texts in quotes, or records with a text in quotes in a common field, such as `{ kind: "edit" }`',
      );
      return false;
  }
}

function literalsOf(c: Checker, parts: readonly Part[]): Type {
  const first = new Map<string, Part>();
  for (const part of parts) {
    if (part.type.kind !== "literal") continue;
    const before = first.get(part.type.value);
    if (before === undefined) first.set(part.type.value, part);
    else {
      c.report({
        code: "AF3004",
        at: part.node,
        message: `\`${JSON.stringify(part.type.value)}\` is in this union twice`,
        related: [{ span: spanOf(c.file, before.node), message: "first here" }],
        help: "remove one of the two",
      });
    }
  }
  return union([...first.values()], null);
}

function recordsOf(c: Checker, parts: readonly Part[]): Type {
  const records = parts.flatMap(({ type }) => (type.kind === "record" ? [type] : []));
  const tag = tagOf(records);
  if (tag !== undefined) return union(parts, tag);
  const [first, second] = parts;
  c.report({
    code: "AF3004",
    at: second?.node ?? first?.node ?? { start: 0, end: 0 },
    message: "these records cannot be told apart",
    label: "nothing here shows which record it is",
    related:
      first === undefined
        ? []
        : [{ span: spanOf(c.file, first.node), message: "the first record" }],
    help: 'give every record a common field with a text of its own, such as `kind: "edit"` and `kind: "reject"`',
  });
  return errorType;
}

function union(parts: readonly Part[], tag: string | null): UnionType {
  return {
    kind: "union",
    declared: null,
    doc: null,
    members: parts.map(({ type }) => type),
    tag,
    docs: parts.map(({ doc }) => doc),
  };
}

function report(c: Checker, at: TypeNode, message: string, help: string): void {
  c.report({ code: "AF3004", at, message, help });
}
