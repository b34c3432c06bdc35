import type { Type } from "./type.ts";

/** Types inside one another; far more than anybody writes, and few enough to follow by recursion. */
export const deepestType = 200;

/** In place of a type that was refused for its depth: what is around it is not refused again. */
export const tooDeep: Type = { kind: "error" };

/** Of declared types, and of what is costly to measure again. */
const known = new WeakMap<Type, number>();

/** How many lists, records, unions and `?` stand inside one another. A record inside itself counts once. */
export function depthOf(type: Type): number {
  switch (type.kind) {
    case "list":
    case "optional":
      return known.get(type) ?? measure(type);
    case "record":
    case "union":
      // Instances of a generic record may grow without end; the declaration was measured.
      return known.get(type) ?? (type.declared === null ? measure(type) : 1);
    default:
      return type === tooDeep ? Number.POSITIVE_INFINITY : 1;
  }
}

/** Measures a type once it is complete, and keeps the answer for the types around it. */
export function measure(type: Type): number {
  const inside = depthInside(type);
  const isDeclared = (type.kind === "record" || type.kind === "union") && type.declared !== null;
  // Nearly all values hold plain fields, which are counted faster than remembered.
  if (inside > 1 || isDeclared) known.set(type, inside + 1);
  return inside + 1;
}

function depthInside(type: Type): number {
  let inside = 0;
  switch (type.kind) {
    case "list":
      return depthOf(type.item);
    case "optional":
      return depthOf(type.inner);
    case "union":
      for (const member of type.members) inside = Math.max(inside, depthOf(member));
      return inside;
    case "record":
      for (const field of type.fields.values()) inside = Math.max(inside, depthOf(field.type));
      return inside;
    default:
      return inside;
  }
}
