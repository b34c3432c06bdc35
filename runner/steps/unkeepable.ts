import { allSteps } from "../../base/all-steps.ts";
import type { Json } from "../../plan/expression.ts";

/** More than any type of a program has in practice, and far less than what overflows the stack of this process. */
const deepest = 500;

/** What one value may have as JSON, near enough: each is held in memory several times over. */
export const defaultMaxValueBytes = 67_108_864;

/** A fraction of a millisecond. */
const partsPerStep = 2_048;
const membersPerStep = 16_384;

/**
 * Why a value from outside can't be kept as it is, or null. JSON text may nest without end, and may hold a number
 * like `1e999` that is infinite once it is read and would come back from the history as null.
 */
export function unkeepable(value: Json, maxBytes = defaultMaxValueBytes): string | null {
  return allSteps(unkeepableSteps(value, maxBytes));
}

/** What is longer, or nested deeper, is looked at in steps. */
const plainLength = 8_192;
const plainDepth = 16;

/** Whether it is short and flat and can be kept, as nearly all values: looking at it in steps would take longer than the call. */
export function isPlain(value: Json, maxBytes = defaultMaxValueBytes): boolean {
  return roomAfter(value, Math.min(plainLength, maxBytes), plainDepth) >= 0;
}

/** What is left of so many bytes; negative when there are not enough of them, or something in it can't be kept. */
function roomAfter(part: unknown, bytes: number, depth: number): number {
  if (typeof part === "number" && !Number.isFinite(part)) return -1;
  let left = bytes - lengthOf(part);
  if (typeof part !== "object" || part === null) return left;
  if (depth === 0) return -1;
  if (Array.isArray(part)) {
    for (let at = 0; at < part.length && left >= 0; at += 1)
      left = roomAfter(part[at], left, depth - 1);
    return left;
  }
  for (const name in part) {
    if (left < 0) return left;
    left = roomAfter((part as { readonly [name: string]: unknown })[name], left, depth - 1);
  }
  return left;
}

/** The same as `unkeepable` in steps. */
export function* unkeepableSteps(
  value: Json,
  maxBytes = defaultMaxValueBytes,
): Generator<void, string | null> {
  let left = maxBytes;
  let parts = 0;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return `answered a value nested more than ${deepest} deep`;
    const next: unknown[] = [];
    for (const part of level) {
      parts += 1;
      if (parts % partsPerStep === 0) yield;
      if (typeof part === "number" && !Number.isFinite(part))
        return "answered a number that is too large";
      left -= lengthOf(part);
      if (left < 0) return `answered more than ${maxBytes} bytes`;
      if (typeof part === "object" && part !== null) yield* pushMembers(part, next);
    }
    level = next;
  }
  return null;
}

/** Whether a value has more than so many bytes as JSON, near enough; in steps. */
export function* isLargerSteps(value: Json, maxBytes: number): Generator<void, boolean> {
  let left = maxBytes;
  let parts = 0;
  const open: unknown[] = [value];
  while (open.length > 0 && left >= 0) {
    parts += 1;
    if (parts % partsPerStep === 0) yield;
    const part = open.pop();
    left -= lengthOf(part);
    if (typeof part === "object" && part !== null) yield* pushMembers(part, open);
  }
  return left < 0;
}

function* pushMembers(part: object, into: unknown[]): Generator<void, void> {
  const members = Array.isArray(part) ? (part as readonly unknown[]) : Object.values(part);
  for (let at = 0; at < members.length; at += 1) {
    into.push(members[at]);
    if (at % membersPerStep === membersPerStep - 1) yield;
  }
}

/** As JSON, without its members. */
function lengthOf(part: unknown): number {
  if (typeof part === "string") return part.length + 2;
  if (typeof part !== "object" || part === null) return 4;
  if (Array.isArray(part)) return part.length + 2;
  let length = 2;
  for (const key in part) length += key.length + 4;
  return length;
}
