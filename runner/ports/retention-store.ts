/** Takes away what nobody needs any more, a little at a time, so that the work of the hour is not disturbed. */
export interface RetentionStore {
  /**
   * Removes runs that ended before a time, the oldest `limit` of them, with their histories. A run with an open dead letter
   * stays. Gives how many.
   */
  purgeRuns(options: { readonly endedBeforeMs: number; readonly limit: number }): Promise<number>;
  /** Removes the records of ticks before a time, those of the oldest `limit`; gives how many. */
  purgeTicks(options: { readonly beforeMs: number; readonly limit: number }): Promise<number>;
  /** Removes large values that nothing refers to any more, at most `limit`; gives how many. */
  sweepPayloads(options: { readonly limit: number }): Promise<number>;
}
