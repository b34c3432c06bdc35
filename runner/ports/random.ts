/** The only source of randomness. A seeded one makes ids, jitter and mock answers repeatable. */
export interface Random {
  bytes(count: number): Uint8Array;
  /** From 0 up to but not including 1. */
  unit(): number;
}
