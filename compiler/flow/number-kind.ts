import type { NumberKind } from "../../plan/expression.ts";
import type { Type } from "../types/type.ts";

/** What is no number gets `int`, which no operation looks at. */
export function numberKind(type: Type): NumberKind {
  const inner = withoutNull(type);
  switch (inner.kind) {
    case "float":
    case "money":
    case "duration":
    case "date":
    case "time":
      return inner.kind;
    case "percent":
      return "float";
    default:
      return "int";
  }
}

function withoutNull(type: Type): Type {
  return type.kind === "optional" ? type.inner : type;
}
