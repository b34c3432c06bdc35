import type { Type } from "./type.ts";

/** Types inside one another; far more than anybody writes, and few enough to follow by recursion. */
export const deepestType = 200;

/** In place of a type that was refused for its depth: what is around it is not refused again. */
export const tooDeep: Type = { kind: "error" };

const known = new WeakMap<Type, number>([[tooDeep, Number.POSITIVE_INFINITY]]);

/** How many lists, records, unions and `?` stand inside one another. A record inside itself counts once. */
export function depthOf(type: Type): number {
  const kept = known.get(type);
  if (kept !== undefined) return kept;
  // Instances of a generic record may grow without end; the declaration was measured.
  if ((type.kind === "record" || type.kind === "union") && type.declared !== null) return 1;
  return measure(type);
}

/** Measures a type once it is complete, and keeps the answer for the types around it. */
export function measure(type: Type): number {
  known.set(type, 1);
  let inside = 0;
  for (const part of partsOf(type)) inside = Math.max(inside, depthOf(part));
  known.set(type, inside + 1);
  return inside + 1;
}

function partsOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case "list":
      return [type.item];
    case "optional":
      return [type.inner];
    case "union":
      return type.members;
    case "record":
      return [...type.fields.values()].map((field) => field.type);
    default:
      return [];
  }
}
