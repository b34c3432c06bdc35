/** Flows, or all of them, that an operator has stopped: their runs are neither claimed nor begun until the hold is lifted. */
export interface HoldStore {
  /** Null stands for all flows. Holding what is held changes nothing. */
  put(hold: Hold): Promise<void>;
  /** False when it was not held. */
  lift(flow: string | null): Promise<boolean>;
  list(): Promise<readonly Hold[]>;
}

export interface Hold {
  /** Id of a flow; null for all. */
  readonly flow: string | null;
  readonly reason: string;
  readonly atMs: number;
}
