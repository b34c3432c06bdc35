import type { Clock } from "./clock.ts";

/** Work of so many milliseconds is done before others have their turn. Several may be at it side by side. */
const stretchMs = 3;

/** Takes step after step, and lets everybody else have their turn in between. */
export async function inTurns<T>(
  steps: Generator<void, T>,
  clock: Pick<Clock, "monotonic">,
): Promise<T> {
  let beganMs = clock.monotonic();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.monotonic() - beganMs < stretchMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    beganMs = clock.monotonic();
  }
}
