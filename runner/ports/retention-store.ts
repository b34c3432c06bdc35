/** Takes away what nobody needs any more, a little at a time, so that the work of the hour is not disturbed. */
export interface RetentionStore {
  /**
   * Removes runs that ended before a time, the oldest `limit` of them. A run with an open dead letter stays, and one that somebody has or
   * is about to retry. Nobody sees them any more, but what they were made of goes with `clearPurged`. Gives how many.
   */
  purgeRuns(options: { readonly endedBeforeMs: number; readonly limit: number }): Promise<number>;
  /** Removes what purged runs have left, such as their histories, at most `limit` rows; gives how many. Fewer than that: nothing is left. */
  clearPurged(options: { readonly limit: number }): Promise<number>;
  /** Removes the records of ticks before a time, those of the oldest `limit`; gives how many. */
  purgeTicks(options: { readonly beforeMs: number; readonly limit: number }): Promise<number>;
  /**
   * Removes large values that nothing refers to any more and results of the cache that are too old, at most `limit` of each kind; gives how
   * many there were of the most frequent. A file stays while anything that is kept mentions it, and when it was stored at `filesBeforeMs` or
   * later: whoever has it in hand is about to use it. All files stay unless told.
   */
  sweepPayloads(options: {
    readonly limit: number;
    readonly filesBeforeMs?: number;
  }): Promise<number>;
}
