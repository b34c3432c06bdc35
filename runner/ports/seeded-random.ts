import { sha256 } from "../../base/sha256.ts";

/**
 * Repeatable numbers from 0 up to but not including 1 (xorshift128 over the seed's hash). Not for
 * secrets.
 */
export function seededUnit(seed: string): () => number {
  const hash = sha256(seed);
  const word = (index: number): number =>
    Number.parseInt(hash.slice(index * 8, index * 8 + 8), 16) | 1;
  let [x, y, z, w] = [word(0), word(1), word(2), word(3)];
  return () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return (w >>> 0) / 2 ** 32;
  };
}
