/**
 * Says which runs need attention, and nothing else: every fact is in the store, so a lost, doubled or
 * late notice changes no outcome.
 */
export interface Transport {
  notify(run: string): void;
  /** Calls back for each notice; gives the way to stop receiving. */
  receive(listener: (run: string) => void): () => void;
  /** Asks the owner of a run to look for a cancel request now instead of at its next beat. */
  cancelHint(run: string): void;
  /** Calls back for each cancel hint. */
  receiveCancelHints(listener: (run: string) => void): () => void;
  /** Resolves when every notice given so far has been delivered. */
  drain(): Promise<void>;
  health(): { readonly ok: boolean; readonly queued: number };
}
