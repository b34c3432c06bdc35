/** Milliseconds since 1970, for what is shown to people; runs take their time from the runner's clock. */
export function now(): number {
  return Date.now();
}
