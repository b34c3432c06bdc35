import type { Json } from "../plan/expression.ts";
import type { Clock } from "./ports/clock.ts";
import { inTurns } from "./ports/in-turns.ts";
import { ValueTooLarge } from "./ports/value-too-large.ts";
import { isLargerSteps } from "./steps/unkeepable.ts";

/** @throws ValueTooLarge */
export async function checkSize(
  what: string,
  value: Json,
  limit: { readonly maxValueBytes: number; readonly clock: Pick<Clock, "monotonic"> },
): Promise<void> {
  const { maxValueBytes, clock } = limit;
  if (await inTurns(isLargerSteps(value, maxValueBytes), clock))
    throw new ValueTooLarge(`${what} has more than ${maxValueBytes} bytes`);
}
