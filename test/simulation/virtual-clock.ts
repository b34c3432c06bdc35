import type { Clock } from "../../runner/ports/clock.ts";
import { eventLoopTurns } from "./event-loop-turns.ts";

interface Alarm {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that stands still until it is moved on to the next alarm. */
export class VirtualClock implements Clock {
  nowMs: number;
  order = 0;
  alarms: Alarm[] = [];

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return this.nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    this.order += 1;
    const alarm = { atMs: this.nowMs + Math.max(0, delayMs), order: this.order, callback };
    this.alarms.push(alarm);
    return () => {
      this.alarms = this.alarms.filter((other) => other !== alarm);
    };
  }

  /** Calls the earliest alarm at its time; false if there is none before `untilMs`. */
  next(untilMs: number): boolean {
    let first: Alarm | undefined;
    for (const alarm of this.alarms) {
      if (
        first === undefined ||
        alarm.atMs < first.atMs ||
        (alarm.atMs === first.atMs && alarm.order < first.order)
      )
        first = alarm;
    }
    if (first === undefined || first.atMs > untilMs) return false;
    this.alarms = this.alarms.filter((other) => other !== first);
    this.nowMs = Math.max(this.nowMs, first.atMs);
    first.callback();
    return true;
  }

  /** Moves on to `untilMs` from alarm to alarm; before each, promises get so many turns of the event loop to settle in. */
  async pass(untilMs: number, turns = 20): Promise<void> {
    do await eventLoopTurns(turns);
    while (this.next(untilMs));
    this.nowMs = Math.max(this.nowMs, untilMs);
  }
}
