import { assert } from "./assert.ts";

/** Crockford's base 32: no I, L, O, U, so an id read aloud or retyped can't be mistaken. Sorted like the digits' values. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

const timeLength = 10;
const randomLength = 16;

export interface SortableIdSources {
  /** Milliseconds since 1970, such as the clock port gives. */
  readonly now: () => number;
  /** That many random bytes, such as `crypto.randomBytes`; a seeded source makes the ids repeatable. */
  readonly randomBytes: (count: number) => Uint8Array;
}

/**
 * Makes ids of 26 characters in the layout of a ULID, in lower case: 48 bits of time, then 80 random bits.
 * Ids of one source sort in the order they were made, also within a millisecond and when the clock steps
 * back, because then the last id is counted up instead. Sources in different processes sort by time.
 */
export function sortableIds(sources: SortableIdSources): () => string {
  let lastTime = -1;
  let random: number[] = [];
  return () => {
    const now = sources.now();
    assert(Number.isInteger(now) && now >= 0 && now < 2 ** 48, () => `the clock says ${now}`);
    if (now > lastTime) {
      lastTime = now;
      random = Array.from(sources.randomBytes(randomLength), (byte) => byte & 31);
      assert(random.length === randomLength, "the source of randomness gave the wrong length");
    } else if (!countUp(random)) {
      // 2^80 ids in one millisecond can't be made, but random bits may start near the end.
      lastTime += 1;
    }
    return printTime(lastTime) + random.map((digit) => alphabet[digit]).join("");
  };
}

/** When an id of this layout was made, in milliseconds since 1970; undefined for other text. */
export function timeOfId(id: string): number | undefined {
  if (id.length !== timeLength + randomLength) return undefined;
  let time = 0;
  for (let index = 0; index < id.length; index += 1) {
    const digit = alphabet.indexOf(id.charAt(index));
    if (digit < 0) return undefined;
    if (index < timeLength) time = time * 32 + digit;
  }
  return time < 2 ** 48 ? time : undefined;
}

function printTime(time: number): string {
  let rest = time;
  let text = "";
  for (let digit = 0; digit < timeLength; digit += 1) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** Adds one in place; false when all digits were at their maximum and became zero. */
function countUp(digits: number[]): boolean {
  for (let index = digits.length - 1; index >= 0; index -= 1) {
    if (digits[index] !== 31) {
      digits[index] = (digits[index] ?? 0) + 1;
      return true;
    }
    digits[index] = 0;
  }
  return false;
}
