import type { Json } from "../../plan/expression.ts";

/** Shorter lists are not worth the trouble. */
const longFrom = 1_024;
const partLength = 1_024;
const partsPerStep = 16;

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
export function* partSteps(list: readonly Json[]): Generator<void, readonly (readonly Json[])[]> {
  const before = parts.get(list) ?? [];
  const now: (readonly Json[])[] = [];
  for (let from = 0; from < list.length; from += partLength) {
    if (now.length % partsPerStep === partsPerStep - 1) yield;
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

/** The list that was cut into these parts. */
export function* joinSteps(frozen: readonly (readonly Json[])[]): Generator<void, Json[]> {
  const list: Json[] = [];
  for (const [at, part] of frozen.entries()) {
    for (const item of part) list.push(item);
    if (at % partsPerStep === partsPerStep - 1) yield;
  }
  return list;
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
