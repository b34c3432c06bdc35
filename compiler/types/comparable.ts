import { disjoint, fits, literalsOf } from "./mismatch.ts";
import type { RoleOracle } from "./role-oracle.ts";
import type { NumberType, Type } from "./type.ts";

/** Whether a value of one type can equal a value of the other. */
export function comparable(oracle: RoleOracle, left: Type, right: Type, depth = 0): boolean {
  if (
    left.kind === "error" ||
    right.kind === "error" ||
    left.kind === "json" ||
    right.kind === "json"
  )
    return true;
  if (left.kind === "never" || right.kind === "never") return true;
  if (mayBeNull(left) && mayBeNull(right)) return true;
  if (left.kind === "null" || right.kind === "null") return false;
  // Records may contain themselves; a difference that deep is left to the run.
  return depth > 20 || comparablePlain(oracle, withoutNull(left), withoutNull(right), depth + 1);
}

export function mayBeNull(type: Type): boolean {
  return (
    type.kind === "null" ||
    type.kind === "optional" ||
    type.kind === "json" ||
    type.kind === "error"
  );
}

export function withoutNull(type: Type): Type {
  return type.kind === "optional" ? type.inner : type;
}

function comparablePlain(oracle: RoleOracle, left: Type, right: Type, depth: number): boolean {
  const some = literalsOf(left, oracle);
  const others = literalsOf(right, oracle);
  if (some !== null && others !== null) return some.some((value) => others.includes(value));
  const numbers = asNumber(left) !== undefined && asNumber(right) !== undefined;
  if (numbers) return comparableNumbers(left, right);
  if (left.kind === "list" && right.kind === "list") {
    const empty = left.min === null && right.min === null;
    return !disjoint(left, right) && (empty || comparable(oracle, left.item, right.item, depth));
  }
  if (left.kind === "record" && right.kind === "record") {
    for (const field of left.fields.values()) {
      const other = right.fields.get(field.name);
      if (
        other === undefined
          ? !mayBeNull(field.type)
          : !comparable(oracle, field.type, other.type, depth)
      )
        return false;
    }
    return [...right.fields.values()].every(
      (field) => left.fields.has(field.name) || mayBeNull(field.type),
    );
  }
  if (left.kind === "union" && left.tag !== null)
    return left.members.some((member) => comparablePlain(oracle, member, right, depth));
  if (right.kind === "union" && right.tag !== null)
    return right.members.some((member) => comparablePlain(oracle, left, member, depth));
  return fits(oracle, left, right) || fits(oracle, right, left) || sameText(left, right);
}

function sameText(left: Type, right: Type): boolean {
  const texts = ["string", "literal", "url", "email", "code", "role", "union"];
  const closed = left.kind === "string" || right.kind === "string";
  return closed && texts.includes(left.kind) && texts.includes(right.kind);
}

function asNumber(type: Type): NumberType["kind"] | undefined {
  if (type.kind === "percent") return "float";
  return type.kind === "int" ||
    type.kind === "float" ||
    type.kind === "money" ||
    type.kind === "duration"
    ? type.kind
    : undefined;
}

function comparableNumbers(left: Type, right: Type): boolean {
  const [one, two] = [asNumber(left), asNumber(right)];
  const plain = (kind: string | undefined): boolean => kind === "int" || kind === "float";
  if (one !== two && !(plain(one) && plain(two))) return false;
  return (
    left.kind === "percent" ||
    right.kind === "percent" ||
    !disjoint(left as NumberType, right as NumberType)
  );
}
