import type { CheckedProgram } from "../types/checked.ts";

const known = new WeakMap<CheckedProgram, boolean>();

/** Without any limit of input, no worst case in tokens or money is known, and none needs to be worked out. */
export function hasTokenLimits(program: CheckedProgram): boolean {
  let limits = known.get(program);
  if (limits === undefined) {
    // Whoever sets it writes its name somewhere, and a text that only looks like it costs nothing but time.
    limits = [...program.modules.values()].some(({ parse }) => parse.text.includes("maxInput"));
    known.set(program, limits);
  }
  return limits;
}
