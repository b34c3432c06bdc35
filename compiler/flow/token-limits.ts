import type { ParseResult } from "../syntax/parse-result.ts";
import type { CheckedModule, CheckedProgram } from "../types/checked.ts";

const known = new WeakMap<CheckedProgram, boolean>();

/** Without any limit of input, no worst case in tokens or money is known, and none needs to be worked out. */
export function hasTokenLimits(program: CheckedProgram): boolean {
  let limits = known.get(program);
  if (limits === undefined) {
    limits = [...program.modules.values()].some(mayLimitTokens);
    known.set(program, limits);
  }
  return limits;
}

const mentioning = new WeakMap<ParseResult, boolean>();

/** Whoever sets a limit writes its name somewhere, and a text that only looks like it costs nothing but time. */
export function mayLimitTokens({ parse }: CheckedModule): boolean {
  let limits = mentioning.get(parse);
  if (limits === undefined) mentioning.set(parse, (limits = parse.text.includes("maxInput")));
  return limits;
}
