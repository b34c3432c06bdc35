import type { ReceivedEvent } from "../../plan/history.ts";
import type { DeadLetter } from "./dead-letter.ts";
import type { CreatedRun, NewRun } from "./new-run.ts";

/**
 * Every event that was published, in the order in which they became visible, and how far each consumer has read. A
 * consumer moves on in the same transaction in which the runs are made that follow from what it read, so each event is
 * consumed once, whoever reads it and however often.
 */
export interface EventLog {
  /** Where the consumer is. A new one begins behind the last event. */
  subscribe(consumer: string): Promise<LogPosition>;
  /** Those that have a place. */
  consumers(): Promise<readonly string[]>;
  /** Gives the place of one consumer to another, which is set back to it when it was further. False, and nothing changes, when it has none. */
  rename(consumer: string, name: string): Promise<boolean>;
  /** False when there is none. */
  unsubscribe(consumer: string): Promise<boolean>;
  read(after: LogPosition, limit: number): Promise<readonly LoggedEvent[]>;
  /** What became of each of `starts`. Null, and nothing changes, when the consumer is not at `from`. */
  consume(step: Consumption): Promise<readonly CreatedRun[] | null>;
  /** Events published before a time that every consumer has passed are removed, the oldest `limit` of them; gives how many. */
  trim(options: { readonly beforeMs: number; readonly limit: number }): Promise<number>;
}

/** A place between two events; its text means something to its store alone. */
export type LogPosition = string;

export interface LoggedEvent {
  /** The place behind it. */
  readonly position: LogPosition;
  /** When it was published, by the store's clock. */
  readonly atMs: number;
  readonly event: ReceivedEvent;
}

export interface Consumption {
  readonly consumer: string;
  readonly from: LogPosition;
  readonly to: LogPosition;
  readonly starts: readonly NewRun[];
  /** Events that nothing can be started from. */
  readonly deadLetters: readonly DeadLetter[];
}
