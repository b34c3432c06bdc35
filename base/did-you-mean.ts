/**
 * The names most like a misspelt one, best first, at most three; none when nothing is close. Case does not
 * count. Pass only names that would be right at that place: of the right kind and in scope.
 */
export function didYouMean(written: string, candidates: Iterable<string>): string[] {
  if (written === "") return [];
  const word = wordOf(written);
  const found: Ranked[] = [];
  for (const name of new Set(candidates)) {
    if (name === written) continue;
    const cost = costOf(word, wordOf(name));
    if (cost !== undefined)
      found.push({ name, cost, away: Math.abs(name.length - written.length) });
  }
  found.sort((a, b) => a.cost - b.cost || a.away - b.away || (a.name < b.name ? -1 : 1));
  const best = found[0];
  if (best === undefined) return [];
  // A near hit makes far ones noise: beside `colour` for `color`, nobody means `cooler`.
  return found
    .filter(({ cost }) => cost <= best.cost + 1)
    .slice(0, 3)
    .map(({ name }) => name);
}

interface Ranked {
  readonly name: string;
  readonly cost: number;
  readonly away: number;
}

interface Word {
  readonly lower: string;
  /** `openTicket` and `open_ticket` are both `open`, `ticket`. */
  readonly parts: readonly string[];
}

function wordOf(name: string): Word {
  const parts = name
    .split(/[^\p{L}\p{N}]+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u)
    .filter((part) => part !== "")
    .map((part) => part.toLowerCase());
  return { lower: name.toLowerCase(), parts };
}

/** Lower is likelier; undefined is too far. Whole numbers are edits, fractions break ties between kinds of likeness. */
function costOf(written: Word, name: Word): number | undefined {
  if (written.lower === name.lower) return 0;
  const longest = Math.max(written.lower.length, name.lower.length);
  // Any two one-letter names are one edit apart, which says nothing.
  const limit = longest < 2 ? 0 : Math.max(1, Math.floor(longest / 3));
  const edits = editDistance(written.lower, name.lower, limit);
  const likeness = partCost(written, name);
  if (edits === undefined) return likeness;
  // Most people get the first letter right.
  const byEdits = edits + (written.lower[0] === name.lower[0] ? 0 : 0.25);
  return likeness === undefined ? byEdits : Math.min(byEdits, likeness);
}

/** `ticketOpen` for `openTicket`, `ticket` for `openTicket`, `openTheTicket` for `openTicket`. */
function partCost(written: Word, name: Word): number | undefined {
  const sorted = (word: Word): string => [...word.parts].sort().join(" ");
  if (sorted(written) === sorted(name)) return 0.5;
  const [shorter, longer] =
    written.lower.length < name.lower.length ? [written, name] : [name, written];
  if (shorter.lower.length < 3) return undefined;
  if (longer.lower.startsWith(shorter.lower)) return 1.6;
  if (shorter.parts.every((part) => longer.parts.includes(part))) return 1.8;
  if (shorter.lower.length >= 4 && longer.lower.includes(shorter.lower)) return 2.2;
  return undefined;
}

/**
 * Insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal
 * string alignment); undefined when more than `limit`.
 */
function editDistance(a: string, b: string, limit: number): number | undefined {
  if (Math.abs(a.length - b.length) > limit) return undefined;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const cost = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Infinity,
      );
      current.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest > limit) return undefined;
    [beforeLast, last] = [last, current];
  }
  const distance = at(last, b.length);
  return distance <= limit ? distance : undefined;
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
