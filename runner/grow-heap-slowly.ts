import { setFlagsFromString } from "node:v8";

/** How much the old part of the heap may grow over what was in use, before it is collected as a whole. */
const growthPercent = 50;

/**
 * For a process that does nothing but work: memory is taken from the system later. V8 lets the heap of a process that has much room grow to several times of what is in use; a worker
 * produces garbage all day, and shares its machine with others. It looks this flag up at each collection, so it may come after the start.
 */
export function growHeapSlowly(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
}
