import type { Fact } from "../names/fact.ts";
import { Scope } from "../names/scope.ts";
import type { Facts } from "./facts-of.ts";
import { literalUnion } from "./join.ts";
import { selects } from "./mismatch.ts";
import { optional } from "./substitute.ts";
import { neverType, nullType } from "./type.ts";
import type { RecordType, Type } from "./type.ts";

/** The scope with what a test has shown; the same scope if it has shown nothing. */
export function withFacts(scope: Scope, facts: Facts): Scope {
  return facts.size === 0 ? scope : new Scope(scope, { facts });
}

/** The type of `path` as the tests around `scope` leave it. */
export function narrowed(type: Type, path: string, scope: Scope): Type {
  let result = type;
  for (let at = scope.factScope; at !== null; at = at.parent?.factScope ?? null) {
    for (const fact of at.facts?.get(path) ?? []) result = applyFact(result, fact);
  }
  return result;
}

export function applyFact(type: Type, fact: Fact): Type {
  if (type.kind === "error") return type;
  switch (fact.kind) {
    case "notNull":
      return type.kind === "optional" ? type.inner : type.kind === "null" ? neverType : type;
    case "isNull":
      return type.kind === "optional" || type.kind === "null" || type.kind === "json"
        ? nullType
        : neverType;
    case "notZero":
      return notZero(type);
    case "oneOf":
      return onlyTexts(type, fact.values);
    case "noneOf":
      return withoutTexts(type, fact.values);
    case "field":
      return byField(type, fact);
  }
}

function notZero(type: Type): Type {
  switch (type.kind) {
    case "optional":
      return optional(notZero(type.inner));
    case "int":
    case "float":
    case "money":
    case "duration":
      return { ...type, nonZero: true };
    default:
      return type;
  }
}

function onlyTexts(type: Type, values: readonly string[]): Type {
  switch (type.kind) {
    case "optional":
      return onlyTexts(type.inner, values);
    case "string":
      return values.length === 0 ? neverType : literalUnion(values);
    case "literal":
      return values.includes(type.value) ? type : neverType;
    case "union":
      return type.tag === null ? keepTexts(type, (value) => values.includes(value)) : type;
    default:
      return type;
  }
}

function withoutTexts(type: Type, values: readonly string[]): Type {
  switch (type.kind) {
    case "optional":
      return optional(withoutTexts(type.inner, values));
    case "literal":
      return values.includes(type.value) ? neverType : type;
    case "union":
      return type.tag === null ? keepTexts(type, (value) => !values.includes(value)) : type;
    default:
      return type;
  }
}

function keepTexts(type: Type & { kind: "union" }, keep: (value: string) => boolean): Type {
  const kept = type.members.flatMap((member) =>
    member.kind === "literal" && keep(member.value) ? [member.value] : [],
  );
  if (kept.length === type.members.length) return type;
  return kept.length === 0 ? neverType : literalUnion(kept);
}

function byField(type: Type, fact: Fact & { kind: "field" }): Type {
  if (type.kind === "optional") {
    const inner = byField(type.inner, fact);
    return fact.isOneOf ? inner : optional(inner);
  }
  if (type.kind !== "union" || type.tag !== fact.name) return type;
  const members = type.members.filter((member): member is RecordType => {
    if (member.kind !== "record") return false;
    if (fact.isOneOf) return fact.values.some((value) => selects(member, fact.name, value));
    const own = member.fields.get(fact.name)?.type;
    // A member with several texts stays until all of them are excluded.
    return own === undefined || withoutTexts(own, fact.values).kind !== "never";
  });
  const [only] = members;
  if (only === undefined) return neverType;
  if (members.length === 1) return only;
  return members.length === type.members.length
    ? type
    : { ...type, declared: null, members, docs: members.map(() => null) };
}
