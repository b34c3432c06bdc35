import { Random, seeds } from "./random.ts";

/**
 * What goes wrong in one simulation. Each draw has a generator of its own, so leaving one misfortune out changes none of the others,
 * and none of what else is random: a failure can be had again with fewer of them.
 */
export class Misfortunes {
  readonly #seed: number;
  /** The draws that may go wrong; null for all. */
  readonly #only: ReadonlySet<number> | null;
  readonly #happened = new Map<number, string>();
  #draws = 0;

  constructor(seed: number, only: ReadonlySet<number> | null = null) {
    this.#seed = seed;
    this.#only = only;
  }

  /** Lets something go wrong with this probability; null when it does not. `name` says what, for a person. */
  draw<T>(
    probability: number,
    make: (random: Random) => { readonly what: T; readonly name: string },
  ): T | null {
    this.#draws += 1;
    const random = new Random(Math.imul(this.#seed, 0x9e3779b1) + this.#draws);
    if (!random.chance(probability)) return null;
    if (this.#only !== null && !this.#only.has(this.#draws)) return null;
    const { what, name } = make(random);
    this.#happened.set(this.#draws, name);
    return what;
  }

  /** By the number of the draw. */
  get happened(): ReadonlyMap<number, string> {
    return this.#happened;
  }
}

export type Simulation = (seed: number, misfortunes: Misfortunes) => Promise<void>;

/** Simulates with each seed. A failure says with which one, and the fewest misfortunes found that still lead to one. */
export async function simulateAll(count: number, simulate: Simulation): Promise<void> {
  for (const seed of seeds(count)) {
    const misfortunes = new Misfortunes(seed);
    const failure = await failureOf(simulate, seed, misfortunes);
    if (failure === null) continue;
    const fewest = await shrink(
      [...misfortunes.happened.keys()],
      async (kept) =>
        (await failureOf(simulate, seed, new Misfortunes(seed, new Set(kept)))) !== null,
    );
    const last = new Misfortunes(seed, new Set(fewest));
    const why = await failureOf(simulate, seed, last);
    const list = [...last.happened].map(([draw, name]) => `  ${draw}: ${name}`);
    throw new Error(
      [
        `seed ${seed}: ${(why ?? failure).message}`,
        `with ${list.length} of ${misfortunes.happened.size} misfortunes:`,
        ...list,
      ].join("\n"),
      { cause: why ?? failure },
    );
  }
}

async function failureOf(
  simulate: Simulation,
  seed: number,
  misfortunes: Misfortunes,
): Promise<Error | null> {
  try {
    await simulate(seed, misfortunes);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Tries so often at most: each try is a whole simulation. */
const mostTries = 200;

/**
 * Leaves out halves, then quarters, and so on, as long as what is left still fails (Zeller's delta debugging). Gives `all` if nothing can be left out.
 */
export async function shrink<T>(
  all: readonly T[],
  fails: (kept: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = all;
  let tries = 0;
  for (let parts = 2; kept.length > 0 && tries < mostTries;) {
    const size = Math.ceil(kept.length / parts);
    let isSmaller = false;
    for (let start = 0; start < kept.length && tries < mostTries; start += size) {
      const rest = [...kept.slice(0, start), ...kept.slice(start + size)];
      tries += 1;
      if (!(await fails(rest))) continue;
      kept = rest;
      isSmaller = true;
      break;
    }
    if (isSmaller) parts = Math.max(2, parts - 1);
    else if (size === 1) break;
    else parts = Math.min(kept.length, parts * 2);
  }
  return kept;
}
