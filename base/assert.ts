/** A broken promise inside agentflow itself, never a fault of the user's program or data. */
export class AssertionFailed extends Error {
  override readonly name = "AssertionFailed";
}

/**
 * Checks something that must always hold. Stays on in production: a run that stops is better than a
 * history that is wrong. Pass a function when the message is costly to build.
 *
 * @throws AssertionFailed
 */
export function assert(condition: unknown, message: string | (() => string)): asserts condition {
  if (condition) return;
  throw new AssertionFailed(typeof message === "string" ? message : message());
}

/**
 * Unwraps a value that is known to be there, such as an index that was just checked.
 *
 * @throws AssertionFailed when it is null or undefined.
 */
export function required<T>(value: T, message: string | (() => string)): NonNullable<T> {
  assert(value !== undefined && value !== null, message);
  return value;
}

/**
 * The last branch of an exhaustive `switch`: the compiler refuses it when a case is missing, and data
 * that lied about its type stops here.
 *
 * @throws AssertionFailed always.
 */
export function unreachable(value: never, what = "case"): never {
  throw new AssertionFailed(`unexpected ${what}: ${describe(value)}`);
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if ("kind" in value) return `{ kind: ${String(value.kind)} }`;
  return Object.prototype.toString.call(value);
}
