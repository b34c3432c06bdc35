import type { Json } from "../../plan/expression.ts";
import type { Random } from "../simulation/random.ts";

/** A way to start a run, and how it has to end. */
export interface Script {
  /** Id of a flow. */
  readonly flow: string;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  input(tag: string, random: Random): { readonly [name: string]: Json };
  /**
   * - succeeds, fails: always, however much is harmed
   * - interrupted: succeeds, or fails because nobody knows whether a call that must not be repeated was made
   */
  readonly ends: "succeeds" | "fails" | "interrupted";
  /** Code of the error that it fails with, where that is what is tried. */
  readonly code?: string;
}

const tagged = (tag: string) => ({ tag });
const plain = (flow: string, weight: number, ends: Script["ends"] = "succeeds"): Script => ({
  flow,
  weight,
  input: tagged,
  ends,
});

const floodBytes = 100_000_000;

/** Gives 100 MB, where a value may have 64. */
export const flooded: Script = {
  flow: "flooded",
  weight: 0,
  input: (tag) => ({ tag, size: floodBytes }),
  ends: "fails",
  code: "invalid_output",
};

/** The same, by HTTP. */
export const deluged: Script = { ...plain("deluged", 0, "fails"), code: "invalid_output" };

/** A step that never ends is ended by its time-out. */
export const stalled: Script = { ...plain("stalled", 0, "fails"), code: "timeout" };

/** Only a cancellation ends it. */
export const endless = plain("endless", 0, "fails");

/** Fails in an edition with a mistake, until the next one takes it over. */
export const mended = plain("mended", 0);

const lengthyItems = 1_050;

/** Has a snapshot long before its end. */
export const lengthy: Script = {
  flow: "lengthy",
  weight: 0,
  input: (tag) => ({ tag, items: Array.from({ length: lengthyItems }, (_, index) => index) }),
  ends: "succeeds",
};

/** Is the end of every process that takes it up, and so has to be put aside. */
export const poison = plain("poisoned", 0);

const scripts: readonly Script[] = [
  plain("chain", 8),
  {
    flow: "fanOut",
    weight: 2,
    input: (tag, random) => ({
      tag,
      names: Array.from({ length: 2 + random.below(12) }, (_, index) => `n${index}`),
    }),
    ends: "succeeds",
  },
  plain("looped", 2),
  plain("saga", 3),
  plain("naps", 3),
  plain("waiter", 3),
  plain("herald", 2),
  {
    flow: "capped",
    weight: 4,
    input: (tag, random) => ({ tag, lane: `lane ${random.below(2)}` }),
    ends: "succeeds",
  },
  {
    flow: "convoy",
    weight: 2,
    input: (tag, random) => ({ tag, lane: `lane ${random.below(2)}` }),
    ends: "succeeds",
  },
  plain("squeezed", 2),
  plain("measured", 1),
  plain("letters", 4, "interrupted"),
  {
    flow: "count",
    weight: 3,
    input: (tag, random) => ({ tag, account: `account ${random.below(3)}` }),
    ends: "succeeds",
  },
  plain("fails", 1, "fails"),
  plain("tolerant", 1),
  plain("blocked", 1),
  plain("large", 1),
  plain("asking", 2),
  { flow: "renewed", weight: 1, input: (tag) => ({ tag, left: 2 }), ends: "succeeds" },
];

export function chooseScript(random: Random): Script {
  const total = scripts.reduce((sum, { weight }) => sum + weight, 0);
  let at = random.below(total);
  const chosen = scripts.find(({ weight }) => {
    at -= weight;
    return at < 0;
  });
  if (chosen === undefined) throw new RangeError("no script");
  return chosen;
}
