import type { ItemGraph } from "./act-state.ts";
import { dataList } from "./data-list.ts";

export type ItemGraphResult =
  | { readonly ok: true; readonly graph: ItemGraph | null }
  | { readonly ok: false; readonly message: string };

/** A fraction of a millisecond. */
const itemsPerStep = 512;

/** Checks keys and needs of the items before any starts: keys are unique, needs are keys, and nothing needs itself. In steps. */
export function* itemGraph(
  keys: readonly string[] | null,
  needs: readonly (readonly string[])[] | null,
): Generator<void, ItemGraphResult> {
  if (keys === null) return { ok: true, graph: null };
  const positions = new Map<string, number>();
  for (const [position, key] of keys.entries()) {
    if (positions.has(key))
      return { ok: false, message: `two items have the key ${JSON.stringify(key)}` };
    positions.set(key, position);
    if (position % itemsPerStep === 0) yield;
  }
  if (needs === null) return { ok: true, graph: null };
  const needed: number[][] = [];
  for (const [position, names] of needs.entries()) {
    const list: number[] = [];
    for (const name of new Set(names)) {
      const found = positions.get(name);
      if (found === undefined)
        return {
          ok: false,
          message: `${JSON.stringify(keys[position])} needs ${JSON.stringify(name)}, which is no item's key`,
        };
      list.push(found);
    }
    needed.push(list);
    if (position % itemsPerStep === 0) yield;
  }
  const cycle = yield* findCycle(needed);
  if (cycle !== null)
    return {
      ok: false,
      message: `the items need each other: ${cycle.map((position) => keys[position]).join(" -> ")}`,
    };
  return { ok: true, graph: yield* buildGraph(needed) };
}

function* buildGraph(needs: readonly (readonly number[])[]): Generator<void, ItemGraph> {
  const dependents: number[][] = [];
  const unmet: number[] = [];
  const ready: number[] = [];
  for (const [position, list] of needs.entries()) {
    dependents.push([]);
    unmet.push(list.length);
    if (list.length === 0) ready.push(position);
    if (position % itemsPerStep === 0) yield;
  }
  for (const [position, list] of needs.entries()) {
    for (const needed of list) dependents[needed]?.push(position);
    if (position % itemsPerStep === 0) yield;
  }
  return {
    ready: dataList(ready),
    needs: dataList(needs),
    unmet: dataList(unmet),
    dependents: dataList(dependents),
  };
}

/** Depth first without recursion: a chain may be as long as the list. */
function* findCycle(
  needs: readonly (readonly number[])[],
): Generator<void, readonly number[] | null> {
  let steps = 0;
  const state = new Uint8Array(needs.length);
  for (const start of needs.keys()) {
    if (state[start] !== 0) continue;
    const stack: { readonly at: number; next: number }[] = [{ at: start, next: 0 }];
    state[start] = 1;
    while (stack.length > 0) {
      steps += 1;
      if (steps % itemsPerStep === 0) yield;
      const top = stack[stack.length - 1] as { readonly at: number; next: number };
      const needed = needs[top.at]?.[top.next];
      top.next += 1;
      if (needed === undefined) {
        state[top.at] = 2;
        stack.pop();
      } else if (state[needed] === 1) {
        const path = stack.map((entry) => entry.at);
        return [...path.slice(path.indexOf(needed)), needed];
      } else if (state[needed] === 0) {
        state[needed] = 1;
        stack.push({ at: needed, next: 0 });
      }
    }
  }
  return null;
}
