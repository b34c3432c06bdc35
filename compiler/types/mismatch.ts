import type { RoleOracle } from "./role-oracle.ts";
import { sameType } from "./same-type.ts";
import { lengthOf, patternOf, textFormats } from "./text-format.ts";
import { declaredKey } from "./type-text.ts";
import { jsonType } from "./type.ts";
import type { ListType, LiteralType, NumberType, RecordType, Type, UnionType } from "./type.ts";

/**
 * Why a value does not fit: the innermost part that differs. `path`: fields and `[]` for items, from
 * the value inwards.
 */
export interface Mismatch {
  readonly kind:
    | "type"
    | "null"
    | "missing"
    | "extra"
    | "choice"
    | "range"
    | "format"
    | "secret"
    | "filler";
  readonly path: readonly string[];
  readonly source: Type;
  readonly target: Type;
  /** The field of `missing` and `extra`. */
  readonly field?: string;
}

/**
 * Null when values of `source` can be put where `target` is asked for. Shapes are proven; a range, length
 * or pattern is a mismatch only when no value of `source` can satisfy it.
 */
export function mismatch(oracle: RoleOracle, source: Type, target: Type): Mismatch | null {
  return source === target ? null : new Comparison(oracle).compare(source, target);
}

export function fits(oracle: RoleOracle, source: Type, target: Type): boolean {
  return mismatch(oracle, source, target) === null;
}

const here: readonly string[] = [];

/** Types whose values never leave the program. */
const jsonless: ReadonlySet<Type["kind"]> = new Set(["callable", "model", "span", "rate"]);

function inside(part: string, found: Mismatch): Mismatch {
  return { ...found, path: [part, ...found.path] };
}

class Comparison {
  readonly #oracle: RoleOracle;
  /** Pairs of records that are being compared: a record may contain itself. */
  #open: (readonly [RecordType, RecordType])[] | null = null;

  constructor(oracle: RoleOracle) {
    this.#oracle = oracle;
  }

  compare(source: Type, target: Type): Mismatch | null {
    if (
      source === target ||
      source.kind === "error" ||
      target.kind === "error" ||
      source.kind === "never"
    )
      return null;
    if (source.kind === "secret" && target.kind !== "secret") {
      return target.kind === "optional"
        ? this.compare(source, target.inner)
        : { kind: "secret", path: here, source, target };
    }
    if (target.kind === "optional") return this.#intoOptional(source, target.inner);
    if (source.kind === "null")
      return target.kind === "json" || target.kind === "null"
        ? null
        : { kind: "null", path: here, source, target };
    if (source.kind === "optional") {
      const inner = this.compare(source.inner, target);
      if (inner !== null) return inner;
      return target.kind === "json" ? null : { kind: "null", path: here, source, target };
    }
    if (target.kind === "json") return this.#intoJson(source);
    if (source.kind === "json")
      return target.kind === "callable" || target.kind === "model" || target.kind === "secret"
        ? wrong(source, target)
        : null;
    return this.#plain(source, target);
  }

  #intoOptional(source: Type, inner: Type): Mismatch | null {
    if (source.kind === "null") return null;
    return this.compare(source.kind === "optional" ? source.inner : source, inner);
  }

  #intoJson(source: Type): Mismatch | null {
    if (jsonless.has(source.kind)) return wrong(source, jsonType);
    return holdsSecret(source, new Set())
      ? { kind: "secret", path: here, source, target: jsonType }
      : null;
  }

  #plain(source: Type, target: Type): Mismatch | null {
    switch (target.kind) {
      case "string":
        return this.#intoString(source, target);
      case "literal":
        return this.#intoLiterals(source, target, [target]);
      case "union":
        return this.#intoUnion(source, target);
      case "int":
      case "float":
      case "money":
      case "duration":
        return intoNumber(source, target);
      case "list":
        return source.kind === "list" ? this.#list(source, target) : wrong(source, target);
      case "record":
        return source.kind === "record"
          ? this.#record(source, target)
          : this.#membersInto(source, target);
      case "role":
        return this.#intoRole(source, target);
      case "url":
      case "email":
      case "date":
      case "time":
        // A list of literals has items of their union.
        return source.kind === "union"
          ? this.#literalsInto(source, target)
          : intoFormat(source, target.kind, target);
      case "code":
        return source.kind === "literal" || source.kind === "code" || source.kind === "string"
          ? null
          : this.#literalsInto(source, target);
      case "span":
        return source.kind === "span" ? this.compare(source.of, target.of) : wrong(source, target);
      default:
        return sameType(source, target) ? null : wrong(source, target);
    }
  }

  #intoString(source: Type, target: Type & { kind: "string" }): Mismatch | null {
    switch (source.kind) {
      case "string":
        return disjoint(source, target) ? { kind: "range", path: here, source, target } : null;
      case "literal":
        return literalFits(source.value, target)
          ? null
          : { kind: target.pattern === null ? "range" : "format", path: here, source, target };
      case "url":
      case "email":
      case "code":
      case "role":
        return null;
      default:
        return this.#literalsInto(source, target);
    }
  }

  /** Every member of a union of literals has to fit. */
  #literalsInto(source: Type, target: Type): Mismatch | null {
    if (source.kind !== "union" || source.tag !== null) return wrong(source, target);
    for (const member of source.members) {
      const found = this.compare(member, target);
      if (found !== null) return found;
    }
    return null;
  }

  #intoLiterals(source: Type, target: Type, members: readonly Type[]): Mismatch | null {
    if (source.kind === "literal")
      return hasText(members, source.value) ? null : { kind: "choice", path: here, source, target };
    const given = literalsOf(source, this.#oracle);
    if (given === null) return wrong(source, target);
    const values = new Set(textsOf(members));
    const odd = given.find((value) => !values.has(value));
    return odd === undefined
      ? null
      : { kind: "choice", path: here, source: { kind: "literal", value: odd }, target };
  }

  #intoUnion(source: Type, target: UnionType): Mismatch | null {
    if (target.tag === null) return this.#intoLiterals(source, target, target.members);
    if (source.kind === "union" && source.tag !== null) return this.#membersInto(source, target);
    if (source.kind !== "record") return wrong(source, target);
    const tag = source.fields.get(target.tag);
    if (tag === undefined)
      return { kind: "missing", path: here, source, target, field: target.tag };
    const values = literalsOf(tag.type, this.#oracle);
    if (values === null)
      return {
        kind: "type",
        path: [target.tag],
        source: tag.type,
        target: tagType(target),
      };
    const members = target.members.filter((member) =>
      values.some((value) => selects(member, target.tag, value)),
    );
    if (members.length === 0)
      return {
        kind: "choice",
        path: [target.tag],
        source: tag.type,
        target: tagType(target),
      };
    for (const member of members) {
      const found = member.kind === "record" ? this.#record(source, member) : null;
      if (found !== null) return found;
    }
    return null;
  }

  #membersInto(source: Type, target: Type): Mismatch | null {
    if (source.kind !== "union" || source.tag === null) return wrong(source, target);
    for (const member of source.members) {
      const found = this.compare(member, target);
      if (found !== null) return found;
    }
    return null;
  }

  #list(source: ListType, target: ListType): Mismatch | null {
    const found = this.compare(source.item, target.item);
    if (found !== null && source.max !== 0) return inside("[]", found);
    return disjoint(source, target) ? { kind: "range", path: here, source, target } : null;
  }

  #record(source: RecordType, target: RecordType): Mismatch | null {
    if (
      source.declared !== null &&
      target.declared !== null &&
      declaredKey(source.declared) === declaredKey(target.declared)
    )
      return null;
    const open = (this.#open ??= []);
    if (open.some(([a, b]) => a === source && b === target)) return null;
    open.push([source, target]);
    const found = this.#fields(source, target);
    open.pop();
    return found;
  }

  #fields(source: RecordType, target: RecordType): Mismatch | null {
    for (const field of target.fields.values()) {
      const given = source.fields.get(field.name);
      if (given === undefined) {
        if (mayBeLeftOut(field)) continue;
        return { kind: "missing", path: here, source, target, field: field.name };
      }
      const found = this.compare(given.type, field.type);
      if (found !== null) return inside(field.name, found);
    }
    for (const name of source.fields.keys()) {
      if (!target.fields.has(name))
        return { kind: "extra", path: here, source, target, field: name };
    }
    return null;
  }

  #intoRole(source: Type, target: Type & { kind: "role" }): Mismatch | null {
    if (source.kind === "role") return sameType(source, target) ? null : wrong(source, target);
    if (source.kind === "callable") {
      return this.#oracle.fills(source.symbol, target)
        ? null
        : { kind: "filler", path: here, source, target };
    }
    const given = literalsOf(source, this.#oracle);
    if (given === null) return wrong(source, target);
    const names = this.#oracle.fillerNames(target);
    const odd = given.find((value) => !names.includes(value));
    return odd === undefined
      ? null
      : { kind: "choice", path: here, source: { kind: "literal", value: odd }, target };
  }
}

function hasText(members: readonly Type[], value: string): boolean {
  for (const member of members)
    if (member.kind === "literal" && member.value === value) return true;
  return false;
}

function holdsSecret(type: Type, seen: Set<Type>): boolean {
  switch (type.kind) {
    case "secret":
      return true;
    case "optional":
      return holdsSecret(type.inner, seen);
    case "list":
      return holdsSecret(type.item, seen);
    case "union":
      return type.tag !== null && type.members.some((member) => holdsSecret(member, seen));
    case "record":
      if (seen.has(type)) return false;
      seen.add(type);
      for (const field of type.fields.values()) if (holdsSecret(field.type, seen)) return true;
      return false;
    default:
      return false;
  }
}

export function mayBeLeftOut(field: { readonly type: Type; readonly default: unknown }): boolean {
  return (
    field.default !== null ||
    field.type.kind === "optional" ||
    field.type.kind === "null" ||
    field.type.kind === "error"
  );
}

/** The texts a type consists of; null if it is no closed set of texts. */
export function literalsOf(type: Type, oracle: RoleOracle): readonly string[] | null {
  if (type.kind === "literal") return [type.value];
  if (type.kind === "role") return oracle.fillerNames(type);
  if (type.kind !== "union" || type.tag !== null) return null;
  return textsOf(type.members);
}

function textsOf(members: readonly Type[]): readonly string[] {
  const texts: string[] = [];
  for (const member of members) if (member.kind === "literal") texts.push(member.value);
  return texts;
}

/** Type of the field that tells the members apart. */
export function tagType(union: UnionType): Type {
  const members: LiteralType[] = [];
  for (const member of union.members) {
    const type =
      member.kind === "record" && union.tag !== null
        ? member.fields.get(union.tag)?.type
        : undefined;
    if (type?.kind === "literal") members.push(type);
    else if (type?.kind === "union")
      for (const text of type.members) if (text.kind === "literal") members.push(text);
  }
  return {
    kind: "union",
    declared: null,
    doc: null,
    members,
    tag: null,
    docs: members.map(() => null),
  };
}

/** Whether the record's field `tag` may have this text. */
export function selects(
  member: LiteralType | RecordType,
  tag: string | null,
  value: string,
): boolean {
  if (member.kind === "literal" || tag === null) return false;
  const type = member.fields.get(tag)?.type;
  if (type?.kind === "literal") return type.value === value;
  return (
    type?.kind === "union" &&
    type.members.some((literal) => literal.kind === "literal" && literal.value === value)
  );
}

export function literalFits(value: string, target: Type & { kind: "string" }): boolean {
  const length = target.min === null && target.max === null ? 0 : lengthOf(value);
  if ((target.min ?? 0) > length || (target.max ?? length) < length) return false;
  return target.pattern === null || (patternOf(target.pattern)?.test(value) ?? true);
}

interface Bounded {
  readonly min: number | null;
  readonly max: number | null;
}

/** No value lies within both bounds. */
export function disjoint(left: Bounded, right: Bounded): boolean {
  const above = left.min !== null && right.max !== null && left.min > right.max;
  const below = left.max !== null && right.min !== null && left.max < right.min;
  return above || below;
}

function intoNumber(source: Type, target: NumberType): Mismatch | null {
  const bounded: Bounded | null =
    source.kind === target.kind || (source.kind === "int" && target.kind === "float")
      ? source
      : null;
  if (bounded !== null)
    return disjoint(bounded, target) ? { kind: "range", path: here, source, target } : null;
  if (source.kind === "percent" && target.kind === "float") return null;
  return wrong(source, target);
}

function intoFormat(source: Type, format: keyof typeof textFormats, target: Type): Mismatch | null {
  if (source.kind === format) return null;
  if (source.kind !== "literal") return wrong(source, target);
  return textFormats[format].test(source.value)
    ? null
    : { kind: "format", path: here, source, target };
}

function wrong(source: Type, target: Type): Mismatch {
  return { kind: "type", path: here, source, target };
}
