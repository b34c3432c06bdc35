import type { Type } from "../types/type.ts";

/** True where a value whose form nobody has checked is used as one of a known form: it must be validated. */
export function meetsType(given: Type, wanted: Type): boolean {
  if (
    wanted.kind === "json" ||
    wanted.kind === "error" ||
    wanted.kind === "never" ||
    wanted.kind === "typeParameter"
  )
    return false;
  if (given.kind === "json") return true;
  if (given.kind === "optional")
    return meetsType(given.inner, wanted.kind === "optional" ? wanted.inner : wanted);
  if (wanted.kind === "optional") return meetsType(given, wanted.inner);
  if (given.kind === "list" && wanted.kind === "list") return meetsType(given.item, wanted.item);
  if (given.kind !== "record" || wanted.kind !== "record" || given === wanted) return false;
  // Two uses of one declaration have the same form, and only declared types can contain themselves.
  if (given.declared !== null && given.declared.id === wanted.declared?.id) return false;
  for (const [name, field] of wanted.fields) {
    const own = given.fields.get(name);
    if (own !== undefined && meetsType(own.type, field.type)) return true;
  }
  return false;
}
