import type { ReceivedEvent } from "../../plan/history.ts";
import type { DeadLetter } from "../ports/dead-letter.ts";
import type { Consumption, EventLog, LoggedEvent, LogPosition } from "../ports/event-log.ts";
import type { CreatedRun, NewRun } from "../ports/new-run.ts";

export interface ConsumedInto {
  insert(run: NewRun): CreatedRun;
  keepLetter(letter: DeadLetter): void;
}

/** The event log of a store in memory. Positions are numbers, from 1. */
export class MemoryEventLog implements EventLog {
  readonly into: ConsumedInto;
  readonly ids = new Set<string>();
  readonly cursors = new Map<string, LogPosition>();
  events: LoggedEvent[] = [];
  count = 0;

  constructor(into: ConsumedInto) {
    this.into = into;
  }

  /** False when an event with that id was added before. */
  add(event: ReceivedEvent, atMs: number): boolean {
    if (this.ids.has(event.id)) return false;
    this.ids.add(event.id);
    this.count += 1;
    this.events.push({ position: String(this.count), atMs, event });
    return true;
  }

  subscribe(consumer: string): Promise<LogPosition> {
    const position = this.cursors.get(consumer) ?? String(this.count);
    this.cursors.set(consumer, position);
    return Promise.resolve(position);
  }

  consumers(): Promise<readonly string[]> {
    return Promise.resolve([...this.cursors.keys()]);
  }

  rename(consumer: string, name: string): Promise<boolean> {
    const place = this.cursors.get(consumer);
    if (place === undefined) return Promise.resolve(false);
    this.cursors.delete(consumer);
    const known = this.cursors.get(name) ?? place;
    this.cursors.set(name, String(Math.min(Number(place), Number(known))));
    return Promise.resolve(true);
  }

  unsubscribe(consumer: string): Promise<boolean> {
    return Promise.resolve(this.cursors.delete(consumer));
  }

  read(after: LogPosition, limit: number): Promise<readonly LoggedEvent[]> {
    const found = this.events.filter(({ position }) => Number(position) > Number(after));
    return Promise.resolve(found.slice(0, limit));
  }

  consume(step: Consumption): Promise<readonly CreatedRun[] | null> {
    if (this.cursors.get(step.consumer) !== step.from) return Promise.resolve(null);
    this.cursors.set(step.consumer, step.to);
    for (const letter of step.deadLetters) this.into.keepLetter(letter);
    return Promise.resolve(step.starts.map((run) => this.into.insert(run)));
  }

  trim({
    beforeMs,
    limit,
  }: {
    readonly beforeMs: number;
    readonly limit: number;
  }): Promise<number> {
    const read = Math.min(...[...this.cursors.values()].map(Number));
    const old = this.events.filter(
      ({ position, atMs }) => atMs < beforeMs && Number(position) <= read,
    );
    const gone = new Set(old.slice(0, limit));
    this.events = this.events.filter((event) => !gone.has(event));
    for (const { event } of gone) this.ids.delete(event.id);
    return Promise.resolve(gone.size);
  }
}
