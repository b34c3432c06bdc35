/**
 * Says which runs need attention, and nothing else: every fact is in the store, so a lost, doubled or
 * late notice changes no outcome.
 */
export interface Transport {
  /**
   * Whether it hands runs out, each to one of those that receive, in any process. Without that it passes on what happens in
   * this process only, and who wants more work looks for it in the store.
   */
  readonly handsOut: boolean;
  /** The run has something to do. */
  notify(run: string, notice?: Notice): void;
  /**
   * Calls back for each notice; gives the way to stop receiving. What is handed out takes one of this process's places until
   * the promise settles, which says whether the run was taken.
   */
  receive(listener: (run: string) => Promise<boolean> | void): () => void;
  /** Runs may have become ready of which nobody gives notice, such as those that queue for a slot that is free now. */
  nudge(): void;
  /** Asks the owner of a run, in whatever process, to look into the run's inbox now instead of at its next beat. */
  cancelHint(run: string): void;
  /** Calls back for each such hint. */
  receiveCancelHints(listener: (run: string) => void): () => void;
  /** Resolves when every notice given so far has left this process, or been given up. */
  drain(): Promise<void>;
  health(): TransportHealth;
  close(): Promise<void>;
}

export interface Notice {
  /** 10 critical, 7, 5, 3, 1 background; 5 unless told. */
  readonly priority?: number;
  /** The workers that may take it; those of the pool "default" unless told. */
  readonly pool?: string;
  /** For people who look at the queue. */
  readonly flow?: string;
  /** Notices of a run are the same while one is under way, unless they differ in this number. */
  readonly turn?: number;
}

export interface TransportHealth {
  /** Whether notices travel as they should. */
  readonly ok: boolean;
  /** How runs reach this process now: within it, by looking into the store, or through Redis. */
  readonly mode: "in-process" | "polling" | "redis";
  /** False while a server that it needs can't be reached. */
  readonly connected: boolean;
  /** Notices that have not left this process yet. */
  readonly queued: number;
  /** Notices under way to all processes; null when that is not known. */
  readonly waiting: number | null;
  /** How many more notices it takes now; null: any number. */
  readonly room: number | null;
  /** Runs handed out to this process. */
  readonly active: number;
  /** Milliseconds since 1970 of the last run handed out to this process. */
  readonly lastReceivedAtMs: number | null;
  /** What is wrong, in words. */
  readonly problem: string | null;
  readonly pools: readonly PoolHealth[];
}

export interface PoolHealth {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  /** Places of all processes that serve the pool. */
  readonly places: number;
}
