import { canonicalJson } from "../base/canonical-json.ts";
import { sha256 } from "../base/sha256.ts";
import type { Program } from "./plan.ts";

/** A plan's identity: SHA-256 of the canonical JSON of its program, in lower-case hex. */
export function planHash(program: Program): string {
  return sha256(canonicalJson(program));
}
