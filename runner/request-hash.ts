import { createHash } from "node:crypto";

import type { Json } from "../plan/expression.ts";

/** A fraction of a millisecond. */
const partsPerStep = 2_048;
/** Characters that are hashed at once. */
const textPerUpdate = 16_384;

/** A value that is still to be written, or text between values. */
type Piece = { readonly value: Json } | { readonly text: string };

/**
 * What tells one request from another: SHA-256 of its JSON with sorted keys, as 64 hexadecimal digits. In steps, because an input may
 * have tens of megabytes.
 */
export function* requestHashSteps(request: Json): Generator<void, string> {
  const hash = createHash("sha256");
  const open: Piece[] = [{ value: request }];
  let text = "";
  let parts = 0;
  for (let piece = open.pop(); piece !== undefined; piece = open.pop()) {
    parts += 1;
    if (parts % partsPerStep === 0) yield;
    text += "text" in piece ? piece.text : begin(piece.value, open);
    if (text.length < textPerUpdate) continue;
    hash.update(text);
    text = "";
  }
  return hash.update(text).digest("hex");
}

/** Gives what a value begins with, and leaves the rest for later. */
function begin(value: Json, open: Piece[]): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) {
    open.push({ text: "]" });
    for (let at = value.length - 1; at >= 0; at -= 1)
      open.push({ text: "," }, { value: value[at] ?? null });
    return "[";
  }
  open.push({ text: "}" });
  for (const key of Object.keys(value).sort().reverse())
    open.push({ text: "," }, { value: value[key] ?? null }, { text: `${JSON.stringify(key)}:` });
  return "{";
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
