/** A direction in one signed byte for each dimension: its length says nothing, and a 254th of the largest part is fine enough. */
export function packVector(vector: readonly number[]): Int8Array {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return new Int8Array(vector.length);
  return Int8Array.from(vector, (value) => Math.round((value / largest) * 127));
}

/** 1 for the same direction, 0 for unrelated ones or if they cannot be compared. */
export function cosine(left: Int8Array, right: Int8Array): number {
  if (left.length !== right.length) return 0;
  let product = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  // By index: a thousand directions are compared at once, which takes ten times as long with an iterator.
  for (let at = 0; at < left.length; at += 1) {
    const one = left[at] ?? 0;
    const other = right[at] ?? 0;
    product += one * other;
    leftSquares += one * one;
    rightSquares += other * other;
  }
  const lengths = Math.sqrt(leftSquares) * Math.sqrt(rightSquares);
  return lengths === 0 ? 0 : product / lengths;
}
