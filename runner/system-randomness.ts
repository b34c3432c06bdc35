import { randomBytes } from "node:crypto";

import type { Random } from "./ports/random.ts";

/** The machine's randomness. Not for secrets: `unit` is fast, not unpredictable. */
export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  unit: () => Math.random(),
};
