import type { Json } from "../../plan/expression.ts";

/** Shorter lists are not worth the trouble. */
const longFrom = 1_024;
const partLength = 1_024;

const dataLists = new WeakSet<object>();
const parts = new WeakMap<object, (readonly Json[])[]>();

/** Says that a list holds user data and nothing else, which snapshots then take as it is; what is in it never changes, only which. */
export function dataList<T extends Json>(list: T[]): T[];
export function dataList<T extends Json>(list: readonly T[]): readonly T[];
export function dataList(list: readonly Json[]): readonly Json[] {
  dataLists.add(list);
  return list;
}

export function isDataList(list: readonly unknown[]): boolean {
  return list.length >= longFrom && dataLists.has(list);
}

/** The list in frozen parts: those that are as they were when they were last asked for are the same objects. */
export function partsOf(list: readonly Json[]): readonly (readonly Json[])[] {
  const before = parts.get(list) ?? [];
  const now: (readonly Json[])[] = [];
  for (let from = 0; from < list.length; from += partLength) {
    const to = Math.min(from + partLength, list.length);
    const known = before[now.length];
    now.push(
      known !== undefined && isSame(list, { from, to, known })
        ? known
        : Object.freeze(list.slice(from, to)),
    );
  }
  parts.set(list, now);
  return now;
}

function isSame(
  list: readonly Json[],
  {
    from,
    to,
    known,
  }: { readonly from: number; readonly to: number; readonly known: readonly Json[] },
): boolean {
  if (known.length !== to - from) return false;
  for (let at = from; at < to; at += 1) if (list[at] !== known[at - from]) return false;
  return true;
}
