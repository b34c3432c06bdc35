import type { Arrows, ItemGraph } from "./act-state.ts";
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
  const starts: number[] = [0];
  const targets: number[] = [];
  for (const [position, names] of needs.entries()) {
    for (const name of new Set(names)) {
      const found = positions.get(name);
      if (found === undefined)
        return {
          ok: false,
          message: `${JSON.stringify(keys[position])} needs ${JSON.stringify(name)}, which is no item's key`,
        };
      targets.push(found);
    }
    starts.push(targets.length);
    if (position % itemsPerStep === 0) yield;
  }
  const needed = { starts: dataList(starts), targets: dataList(targets) };
  const cycle = yield* findCycle(needed);
  if (cycle !== null)
    return {
      ok: false,
      message: `the items need each other: ${cycle.map((position) => keys[position]).join(" -> ")}`,
    };
  return { ok: true, graph: yield* buildGraph(needed) };
}

/** Where the arrows of an item lead. */
export function targetsOf({ starts, targets }: Arrows, position: number): readonly number[] {
  return targets.slice(starts[position], starts[position + 1]);
}

function* buildGraph(needs: Arrows): Generator<void, ItemGraph> {
  const count = needs.starts.length - 1;
  const unmet: number[] = [];
  const ready: number[] = [];
  for (let position = 0; position < count; position += 1) {
    unmet.push((needs.starts[position + 1] ?? 0) - (needs.starts[position] ?? 0));
    if (unmet[position] === 0) ready.push(position);
    if (position % itemsPerStep === 0) yield;
  }
  const dependents = yield* turnedRound(needs);
  return { ready: dataList(ready), needs, unmet: dataList(unmet), dependents };
}

/** The arrows in the other direction, in the order of the items that they come from. */
function* turnedRound({ starts, targets }: Arrows): Generator<void, Arrows> {
  const count = starts.length - 1;
  const ends = new Uint32Array(count + 1);
  for (const target of targets) ends[target + 1] = (ends[target + 1] ?? 0) + 1;
  for (let at = 1; at <= count; at += 1) ends[at] = (ends[at] ?? 0) + (ends[at - 1] ?? 0);
  const turnedStarts = [...ends];
  const sources = new Uint32Array(targets.length);
  for (let position = 0; position < count; position += 1) {
    for (let at = starts[position] ?? 0; at < (starts[position + 1] ?? 0); at += 1) {
      const target = targets[at] ?? 0;
      sources[ends[target] ?? 0] = position;
      ends[target] = (ends[target] ?? 0) + 1;
    }
    if (position % itemsPerStep === 0) yield;
  }
  return { starts: dataList(turnedStarts), targets: dataList([...sources]) };
}

/** Depth first without recursion: a chain may be as long as the list. */
function* findCycle({ starts, targets }: Arrows): Generator<void, readonly number[] | null> {
  let steps = 0;
  const count = starts.length - 1;
  const state = new Uint8Array(count);
  for (let start = 0; start < count; start += 1) {
    if (state[start] !== 0) continue;
    const stack: { readonly at: number; next: number }[] = [
      { at: start, next: starts[start] ?? 0 },
    ];
    state[start] = 1;
    while (stack.length > 0) {
      steps += 1;
      if (steps % itemsPerStep === 0) yield;
      const top = stack[stack.length - 1] as { readonly at: number; next: number };
      const needed = top.next < (starts[top.at + 1] ?? 0) ? (targets[top.next] ?? 0) : undefined;
      top.next += 1;
      if (needed === undefined) {
        state[top.at] = 2;
        stack.pop();
      } else if (state[needed] === 1) {
        const path = stack.map((entry) => entry.at);
        return [...path.slice(path.indexOf(needed)), needed];
      } else if (state[needed] === 0) {
        state[needed] = 1;
        stack.push({ at: needed, next: starts[needed] ?? 0 });
      }
    }
  }
  return null;
}
