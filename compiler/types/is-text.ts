import type { Type } from "./type.ts";

/** Are the values of a type texts, whatever else it says about them? */
export function isText(type: Type): boolean {
  switch (type.kind) {
    case "string":
    case "literal":
    case "url":
    case "email":
    case "code":
    case "role":
      return true;
    default:
      return type.kind === "union" && type.tag === null;
  }
}
