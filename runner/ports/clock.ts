/** The only source of time. Real in production, virtual in tests and simulations. */
export interface Clock {
  /** Wall-clock milliseconds since 1970. It may jump, so it never decides whether a lease still holds. */
  now(): number;
  /** Milliseconds from an arbitrary origin that never go back. */
  monotonic(): number;
  /** Calls back once, not before `delayMs` have passed. Gives the way to call it off. */
  after(delayMs: number, callback: () => void): () => void;
}
