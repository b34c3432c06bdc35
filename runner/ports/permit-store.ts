/**
 * Limits that all processes share: how many calls of a model, agent or tool go on at once, and how often they are made.
 * What a process holds is free again when its session has ended.
 */
export interface PermitStore {
  /** Takes one permit of each limit, or none. */
  take(request: PermitRequest): Promise<PermitAnswer>;
  /**
   * Takes the next time at which `key` may be used, which is now or later. Times are given in the order they are asked for, and no
   * window of `perMs` holds more than `count` of them. In milliseconds since 1970.
   */
  reserve(key: string, rate: NonNullable<SharedLimit["rate"]>): Promise<number>;
  /** Frees the places of those that are done. Rates don't come back. */
  giveBack(holders: readonly string[]): Promise<void>;
}

export interface PermitRequest {
  /** Who goes through, unique among all that hold permits. Taking again changes nothing. */
  readonly holder: string;
  readonly session: string;
  readonly limits: readonly SharedLimit[];
  /** So long after it has asked, the caller may still begin: a rate counts its use from the end of that. In milliseconds; 0 unless told. */
  readonly slackMs?: number;
}

export interface SharedLimit {
  readonly key: string;
  /** How many hold it at the same time; null: any number. */
  readonly atOnce: number | null;
  /** How many take it in any window of `perMs`; null: any number. */
  readonly rate: { readonly count: number; readonly perMs: number } | null;
}

export type PermitAnswer =
  | { readonly granted: true }
  /** `afterMs`: when the rate allows the next; null when somebody has to give back first. */
  | { readonly granted: false; readonly afterMs: number | null };
