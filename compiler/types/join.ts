import { isText } from "./is-text.ts";
import { fits, literalsOf } from "./mismatch.ts";
import type { RoleOracle } from "./role-oracle.ts";
import { sameType } from "./same-type.ts";
import { optional } from "./substitute.ts";
import { floatType, jsonType, nullType, stringType } from "./type.ts";
import type { LiteralType, NumberType, RecordField, RecordType, Type, UnionType } from "./type.ts";

/** The type of a value that comes from one branch or the other; undefined if they have none in common. */
export function join(oracle: RoleOracle, left: Type, right: Type): Type | undefined {
  if (left === right) return left;
  if (left.kind === "error" || right.kind === "never") return left;
  if (right.kind === "error" || left.kind === "never") return right;
  if (left.kind === "null") return optional(right);
  if (right.kind === "null") return optional(left);
  if (left.kind === "optional" || right.kind === "optional") {
    const inner = join(
      oracle,
      left.kind === "optional" ? left.inner : left,
      right.kind === "optional" ? right.inner : right,
    );
    return inner === undefined ? undefined : optional(inner);
  }
  if (left.kind === "json" || right.kind === "json") return jsonType;
  return joinPlain(oracle, left, right);
}

/** Joins many; on failure the two that do not join. */
export function joinAll(
  oracle: RoleOracle,
  types: readonly Type[],
): { readonly type: Type } | { readonly left: number; readonly right: number } {
  let type: Type = types[0] ?? nullType;
  for (let right = 1; right < types.length; right += 1) {
    const joined = join(oracle, type, types[right] ?? nullType);
    if (joined === undefined) return { left: right - 1, right };
    type = joined;
  }
  return { type };
}

function joinPlain(oracle: RoleOracle, left: Type, right: Type): Type | undefined {
  if (sameType(left, right)) return left;
  const numbers = joinNumbers(left, right);
  if (numbers !== undefined) return numbers;
  if (left.kind === "list" && right.kind === "list") {
    const item = join(oracle, left.item, right.item);
    const { min, max } = hull(left, right);
    return item === undefined ? undefined : { kind: "list", item, min, max };
  }
  const roles = joinRoles(oracle, left, right);
  if (roles !== undefined) return roles;
  if (isText(left) && isText(right)) return joinTexts(oracle, left, right);
  if (isRecords(left) && isRecords(right)) return joinRecords(oracle, left, right);
  if (left.kind === "span" && right.kind === "span") return left;
  return undefined;
}

function joinNumbers(left: Type, right: Type): Type | undefined {
  const from = asNumber(left);
  const to = asNumber(right);
  if (from === undefined || to === undefined) return undefined;
  const mixed =
    (from.kind === "int" && to.kind === "float") || (from.kind === "float" && to.kind === "int");
  if (from.kind !== to.kind && !mixed) return undefined;
  const kind = mixed ? "float" : from.kind;
  const { min, max } = hull(from, to);
  return from.nonZero === true && to.nonZero === true
    ? { kind, min, max, nonZero: true }
    : { kind, min, max };
}

function asNumber(type: Type): NumberType | undefined {
  if (type.kind === "percent") return floatType;
  return type.kind === "int" ||
    type.kind === "float" ||
    type.kind === "money" ||
    type.kind === "duration"
    ? type
    : undefined;
}

interface Bounded {
  readonly min: number | null;
  readonly max: number | null;
}

/** The smallest bounds around both. */
export function hull(left: Bounded, right: Bounded): Bounded {
  return {
    min: left.min === null || right.min === null ? null : Math.min(left.min, right.min),
    max: left.max === null || right.max === null ? null : Math.max(left.max, right.max),
  };
}

function joinRoles(oracle: RoleOracle, left: Type, right: Type): Type | undefined {
  const role =
    left.kind === "role" ? left : left.kind === "callable" ? oracle.roleOf(left.symbol) : undefined;
  if (role === undefined)
    return right.kind === "role" && fits(oracle, left, right) ? right : undefined;
  return fits(oracle, left, role) && fits(oracle, right, role) ? role : undefined;
}

function joinTexts(oracle: RoleOracle, left: Type, right: Type): Type {
  if (left.kind === "code" || right.kind === "code")
    return fits(oracle, left, right) && fits(oracle, right, left) ? left : stringType;
  const some = left.kind === "role" ? null : literalsOf(left, oracle);
  const others = right.kind === "role" ? null : literalsOf(right, oracle);
  if (some === null || others === null) {
    const strings = left.kind === "string" && right.kind === "string";
    return strings ? { kind: "string", ...hull(left, right), pattern: null } : stringType;
  }
  if (some.every((value) => others.includes(value))) return right;
  if (others.every((value) => some.includes(value))) return left;
  return literalUnion([...some, ...others.filter((value) => !some.includes(value))]);
}

export function literalUnion(values: readonly string[]): Type {
  const members = values.map((value): LiteralType => ({ kind: "literal", value }));
  const [only] = members;
  if (members.length === 1 && only !== undefined) return only;
  return {
    kind: "union",
    declared: null,
    doc: null,
    members,
    tag: null,
    docs: members.map(() => null),
  };
}

type Records = RecordType | (UnionType & { readonly tag: string });

function isRecords(type: Type): type is Records {
  return type.kind === "record" || (type.kind === "union" && type.tag !== null);
}

function joinRecords(oracle: RoleOracle, left: Records, right: Records): Type | undefined {
  if (fits(oracle, left, right)) return right;
  if (fits(oracle, right, left)) return left;
  const members = [...membersOf(left), ...membersOf(right)];
  const tag = tagOf(members);
  if (tag !== undefined)
    return {
      kind: "union",
      declared: null,
      doc: null,
      members,
      tag,
      docs: members.map(() => null),
    };
  // Declared records are kept apart: only what was written on the spot joins field by field.
  if (
    left.kind !== "record" ||
    right.kind !== "record" ||
    (left.declared !== null && right.declared !== null)
  )
    return undefined;
  return joinFields(oracle, left, right);
}

function membersOf(type: Records): RecordType[] {
  if (type.kind === "record") return [type];
  return type.members.filter((member): member is RecordType => member.kind === "record");
}

/** The field by which the records can be told apart: a text from disjoint choices in each. */
export function tagOf(members: readonly RecordType[]): string | undefined {
  const [first, ...rest] = members;
  if (first === undefined) return undefined;
  for (const name of first.fields.keys()) {
    const taken = new Set<string>();
    const distinct = [first, ...rest].every((member) => {
      const values = textsOf(member.fields.get(name)?.type);
      const fresh = values.length > 0 && values.every((value) => !taken.has(value));
      for (const value of values) taken.add(value);
      return fresh;
    });
    if (distinct) return name;
  }
  return undefined;
}

function textsOf(type: Type | undefined): readonly string[] {
  if (type?.kind === "literal") return [type.value];
  if (type?.kind !== "union" || type.tag !== null) return [];
  return type.members.flatMap((member) => (member.kind === "literal" ? [member.value] : []));
}

/** Records with the same fields join field by field. */
function joinFields(oracle: RoleOracle, left: RecordType, right: RecordType): Type | undefined {
  if (left.fields.size !== right.fields.size) return undefined;
  const fields = new Map<string, RecordField>();
  for (const field of left.fields.values()) {
    const other = right.fields.get(field.name);
    const type = other === undefined ? undefined : join(oracle, field.type, other.type);
    if (type === undefined) return undefined;
    fields.set(field.name, { ...field, type });
  }
  return { kind: "record", declared: null, doc: null, fields };
}
