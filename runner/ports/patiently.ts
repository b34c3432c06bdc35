import type { Clock } from "./clock.ts";
import { StoreError } from "./store-error.ts";

/** Between two tries, longer each time. In milliseconds. */
const pauseMs = { from: 100, to: 1_000 };
/** Trouble that passes. */
const passing: ReadonlySet<StoreError["kind"]> = new Set(["unreachable", "busy", "full"]);

/** Asks a store again while it has trouble that passes, until it answers or nobody waits any more. */
export async function patiently<T>(
  ask: () => Promise<T>,
  { clock, isOver }: { readonly clock: Pick<Clock, "after">; readonly isOver: () => boolean },
): Promise<T> {
  for (let delayMs = pauseMs.from; ; delayMs = Math.min(pauseMs.to, delayMs * 2)) {
    try {
      return await ask();
    } catch (error) {
      const passes = error instanceof StoreError && passing.has(error.kind);
      if (!passes || isOver()) throw error;
    }
    await new Promise<void>((resolve) => clock.after(delayMs, resolve));
  }
}
