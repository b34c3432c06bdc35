import type { Json } from "../expression.ts";

export type JsonRecord = { readonly [key: string]: Json };

export function isRecord(value: Json | undefined): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Plain assignment would take a field called `__proto__` for the prototype. */
export function setField(record: Record<string, Json>, key: string, value: Json): void {
  if (key === "__proto__")
    Object.defineProperty(record, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else record[key] = value;
}

/** Null for what is no record or has no such field of its own. */
export function fieldOf(value: Json, name: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.hasOwn(value, name) ? ((value as JsonRecord)[name] ?? null) : null;
}
