import { createHash } from "node:crypto";

/** SHA-256 of UTF-8 text or bytes as 64 lower-case hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Bytes hashed in one step: a millisecond or two. */
const bytesPerStep = 1_048_576;

/** The same of bytes, in steps. */
export function* sha256Steps(bytes: Uint8Array): Generator<void, string> {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.length; at += bytesPerStep) {
    hash.update(bytes.subarray(at, at + bytesPerStep));
    yield;
  }
  return hash.digest("hex");
}
