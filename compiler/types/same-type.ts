import type { RecordType, Type } from "./type.ts";
import { declaredKey } from "./type-text.ts";

/** Whether two types have the same values: names of declared types do not count, bounds do. */
export function sameType(left: Type, right: Type): boolean {
  return same(left, right, []);
}

type Pair = readonly [Type, Type];

function same(left: Type, right: Type, open: readonly Pair[]): boolean {
  if (left === right) return true;
  if (left.kind !== right.kind) return false;
  switch (left.kind) {
    case "record":
      return right.kind === "record" && sameRecord(left, right, open);
    case "list":
      return (
        right.kind === "list" &&
        left.min === right.min &&
        left.max === right.max &&
        same(left.item, right.item, open)
      );
    case "optional":
      return right.kind === "optional" && same(left.inner, right.inner, open);
    case "union":
      return (
        right.kind === "union" &&
        left.members.length === right.members.length &&
        left.members.every((member) => right.members.some((other) => same(member, other, open)))
      );
    case "role":
      return (
        right.kind === "role" &&
        left.role.id === right.role.id &&
        left.args.length === right.args.length &&
        left.args.every((arg, index) => same(arg, right.args[index] ?? arg, open))
      );
    case "literal":
      return right.kind === "literal" && left.value === right.value;
    case "int":
    case "float":
    case "money":
    case "duration":
      return right.kind === left.kind && left.min === right.min && left.max === right.max;
    case "string":
      return (
        right.kind === "string" &&
        left.pattern === right.pattern &&
        left.min === right.min &&
        left.max === right.max
      );
    case "typeParameter":
      return right.kind === "typeParameter" && left.id === right.id;
    case "callable":
    case "model":
      return right.kind === left.kind && left.symbol.id === right.symbol.id;
    case "span":
      return right.kind === "span" && same(left.of, right.of, open);
    default:
      return true;
  }
}

function sameRecord(left: RecordType, right: RecordType, open: readonly Pair[]): boolean {
  if (
    left.declared !== null &&
    right.declared !== null &&
    declaredKey(left.declared) === declaredKey(right.declared)
  )
    return true;
  if (left.fields.size !== right.fields.size) return false;
  // A record that contains itself: what is being compared already counts as the same.
  if (open.some(([a, b]) => a === left && b === right)) return true;
  const inner = [...open, [left, right] as const];
  for (const field of left.fields.values()) {
    const other = right.fields.get(field.name);
    if (other === undefined || !same(field.type, other.type, inner)) return false;
  }
  return true;
}
