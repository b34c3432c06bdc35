/**
 * A list that will not grow any more. V8 makes room for 17 items when the first is pushed, and most lists of a tree have one to
 * three: without a copy that fits, a tenth of the memory of a program would be that room.
 */
export function fitted<T>(list: readonly T[]): T[] {
  return list.length === 0 ? [] : list.slice();
}
