/** Longer texts, and those of several lines, are compared line by line. */
const longestInline = 60;

/** Lines that say how a property went from `before` to `after`; null is "was not there". */
export function changesOfText(
  name: string,
  before: string | null,
  after: string | null,
): readonly string[] {
  if (isShort(before) && isShort(after))
    return [`${name}: ${before ?? "not set"} → ${after ?? "not set"}`];
  const lines = lineChanges(before?.split("\n") ?? [], after?.split("\n") ?? []);
  return [`${name}:`, ...lines.map((line) => `  ${line}`)];
}

function isShort(text: string | null): boolean {
  return text === null || (text.length <= longestInline && !text.includes("\n"));
}

/** A longest common subsequence keeps unchanged lines out; prompts are short enough for the quadratic table. */
function lineChanges(before: readonly string[], after: readonly string[]): readonly string[] {
  const lengths = commonLengths(before, after);
  const changes: string[] = [];
  let [left, right] = [0, 0];
  while (left < before.length || right < after.length) {
    if (left < before.length && right < after.length && before[left] === after[right]) {
      left += 1;
      right += 1;
    } else if (
      right >= after.length ||
      (left < before.length && at(lengths, left + 1, right) >= at(lengths, left, right + 1))
    ) {
      changes.push(`- ${before[left]}`);
      left += 1;
    } else {
      changes.push(`+ ${after[right]}`);
      right += 1;
    }
  }
  return changes;
}

function commonLengths(
  before: readonly string[],
  after: readonly string[],
): readonly (readonly number[])[] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  for (let left = before.length - 1; left >= 0; left -= 1) {
    const row = lengths[left];
    for (let right = after.length - 1; right >= 0 && row !== undefined; right -= 1) {
      row[right] =
        before[left] === after[right]
          ? at(lengths, left + 1, right + 1) + 1
          : Math.max(at(lengths, left + 1, right), at(lengths, left, right + 1));
    }
  }
  return lengths;
}

function at(lengths: readonly (readonly number[])[], left: number, right: number): number {
  return lengths[left]?.[right] ?? 0;
}
