/**
 * Ends a subquery over all elements of an array. It leaves out nothing, but the planner guesses that a limit it does not know lets a tenth
 * through, so it looks each element up by an index. A plan that is kept by its name may have been made while the tables were small: a table read from
 * end to end is cheap then, and dear ever after.
 */
export function fewOf(array: string): string {
  return `LIMIT cardinality(${array})`;
}
