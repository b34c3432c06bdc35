import { createHash } from "node:crypto";

import type { Json } from "../plan/expression.ts";

/** A fraction of a millisecond. */
const partsPerStep = 2_048;
/** Characters that are hashed at once. */
const textPerUpdate = 16_384;

/** A list or record that is being written. */
interface Open {
  readonly of: readonly Json[] | { readonly [key: string]: Json };
  /** Null for a list. */
  readonly keys: readonly string[] | null;
  at: number;
}

/**
 * What tells one request from another: SHA-256 of its JSON with sorted keys, as 64 hexadecimal digits. In steps, because an input may
 * have tens of megabytes.
 */
export function* requestHashSteps(request: Json): Generator<void, string> {
  const hash = createHash("sha256");
  const open: Open[] = [];
  let text = begin(request, open);
  let parts = 0;
  for (let inner = open.at(-1); inner !== undefined; inner = open.at(-1)) {
    parts += 1;
    if (parts % partsPerStep === 0) yield;
    text += next(inner, open);
    if (text.length < textPerUpdate) continue;
    hash.update(text);
    text = "";
  }
  return hash.update(text).digest("hex");
}

/** Gives what a value begins with, and leaves the rest for later. */
function begin(value: Json, open: Open[]): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) + comma(open);
  const keys = isList(value) ? null : Object.keys(value).sort();
  open.push({ of: value, keys, at: 0 });
  return keys === null ? "[" : "{";
}

/** Gives the next member of what was begun last, or its end. */
function next(inner: Open, open: Open[]): string {
  const { of, keys, at } = inner;
  inner.at += 1;
  if (isList(of)) {
    if (at < of.length) return begin(of[at] ?? null, open);
    open.pop();
    return `]${comma(open)}`;
  }
  const key = keys?.[at];
  if (key !== undefined) return `${JSON.stringify(key)}:${begin(of[key] ?? null, open)}`;
  open.pop();
  return `}${comma(open)}`;
}

/** After each member. */
function comma(open: readonly Open[]): string {
  return open.length === 0 ? "" : ",";
}

function isList(value: Open["of"]): value is readonly Json[] {
  return Array.isArray(value);
}
