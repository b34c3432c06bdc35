import type { Json } from "../expression.ts";
import { isList, isRecord } from "./json-record.ts";

/** Structural: lists in order, records without regard to the order of their fields. */
export function equal(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (isList(left))
    return (
      isList(right) &&
      left.length === right.length &&
      left.every((item, at) => equal(item, right[at] ?? null))
    );
  if (!isRecord(left) || !isRecord(right)) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every(
    (name) => Object.hasOwn(right, name) && equal(left[name] ?? null, right[name] ?? null),
  );
}

/** Equal values have equal keys: makes `unique` linear. */
export function equalityKey(value: Json): string {
  if (isList(value)) return `[${value.map(equalityKey).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value === 0 ? 0 : value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${equalityKey(value[name] ?? null)}`).join(",")}}`;
}
