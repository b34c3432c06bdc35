/**
 * Something that one process does for all, over and over: whoever was elected. It may be done twice, or by two at once while one
 * takes over from another, so what it decides is decided in the store.
 */
export interface Duty {
  /** For logs and metrics: `cron`, `events`, `reconcile`. */
  readonly name: string;
  /** Milliseconds between two turns when there is nothing special. */
  readonly everyMs: number;
  /** It has a turn, too, when an event was published, or a schedule or deployment has changed. */
  readonly onNews?: boolean;
  /** One turn. Gives when the next one should be at the latest, in milliseconds since 1970; null: after `everyMs`. */
  turn(): Promise<number | null>;
}
