import { sha256 } from "./sha256.ts";

const dimensions = 128;

/**
 * Where a text lies, by its words alone: texts with the same words lie in the same place, in whatever order, and the more words
 * two texts share, the nearer they are. It stands for an embedding where no model is asked, and knows nothing of meaning.
 */
export function wordVector(text: string): readonly number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
  for (const word of words) {
    // Each word has a direction of its own: a sign for each of the dimensions it uses.
    const hash = sha256(word);
    for (let at = 0; at < 16; at += 1) {
      const byte = Number.parseInt(hash.slice(at * 2, at * 2 + 2), 16);
      const dimension = byte % dimensions;
      vector[dimension] = (vector[dimension] ?? 0) + (byte < dimensions ? 1 : -1);
    }
  }
  return vector;
}
