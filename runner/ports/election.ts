/**
 * Offices that one process holds at a time: the leadership of the duties, or any other lock. An office is held under the
 * holder's own token until it is resigned or its time has run out, on the store's clock alone. Nothing here is bound to a
 * connection, so it works through a pool of them.
 *
 * A holder can be late to notice that its time is over. What must not be done twice then carries the fence: it rises with each
 * change of hands, so that who was overtaken can be told from who came after.
 */
export interface Election {
  /** Takes the office for `ttlMs` from now; who holds it already keeps it, with the same fence. */
  acquire(candidacy: Candidacy): Promise<Vote>;
  /** Keeps it for `ttlMs` from now. Null when it is not held any more, even if nobody else has it. */
  renew(candidacy: Candidacy): Promise<Renewal | null>;
  /** Free for others at once. False when it was not held. */
  resign(candidacy: Pick<Candidacy, "office" | "owner">): Promise<boolean>;
  /** Who holds it now. */
  holder(office: string): Promise<{ readonly owner: string; readonly fence: number } | null>;
}

export interface Renewal {
  /**
   * Another text whenever an event was published, or a schedule or deployment has changed: what the holder of an office
   * would otherwise have to ask for again and again.
   */
  readonly news: string;
}

export interface Candidacy {
  readonly office: string;
  /** Token of the one who holds it, unique among all who may. */
  readonly owner: string;
  readonly ttlMs: number;
}

export type Vote =
  | { readonly elected: true; readonly fence: number }
  /** `afterMs`: when the time of the one who holds it is over, unless it is renewed. */
  | { readonly elected: false; readonly afterMs: number };
