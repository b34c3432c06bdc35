import type { DeadLetter } from "../ports/dead-letter.ts";
import type { NewRun } from "../ports/new-run.ts";
import type {
  Firing,
  NewSchedule,
  ScheduleStore,
  StoredSchedule,
  StoredTick,
  TickStart,
} from "../ports/schedule-store.ts";

/** Creates a run; null when its `overlap` says that there is to be none. */
export type Insert = (run: NewRun) => { readonly run: string } | null;

/** Schedules of a store in memory. */
export class MemorySchedules implements ScheduleStore {
  readonly insert: Insert;
  readonly keepLetter: (letter: DeadLetter) => void;
  readonly byId = new Map<string, StoredSchedule>();
  /** Ticks by schedule and time. */
  readonly decided = new Map<string, Map<number, StoredTick>>();

  constructor(parts: {
    readonly insert: Insert;
    readonly keepLetter: (letter: DeadLetter) => void;
  }) {
    this.insert = parts.insert;
    this.keepLetter = parts.keepLetter;
  }

  put(schedule: NewSchedule): Promise<void> {
    const known = this.byId.get(schedule.id);
    const { paused = schedule.paused ?? false, decidedUntilMs = schedule.sinceMs } = known ?? {};
    this.byId.set(schedule.id, { ...schedule, paused, decidedUntilMs });
    return Promise.resolve();
  }

  remove(id: string): Promise<boolean> {
    return Promise.resolve(this.byId.delete(id));
  }

  list(): Promise<readonly StoredSchedule[]> {
    const all = [...this.byId.values()];
    return Promise.resolve(all.sort((left, right) => (left.id < right.id ? -1 : 1)));
  }

  pause(id: string, paused: boolean): Promise<boolean> {
    const known = this.byId.get(id);
    if (known !== undefined) this.byId.set(id, { ...known, paused });
    return Promise.resolve(known !== undefined);
  }

  fire(firing: Firing): Promise<readonly StoredTick[] | null> {
    const { schedule, untilMs } = firing;
    const known = this.byId.get(schedule);
    if (known?.decidedUntilMs !== firing.decidedUntilMs) return Promise.resolve(null);
    this.byId.set(schedule, { ...known, decidedUntilMs: untilMs });
    const ticks: StoredTick[] = [];
    for (const letter of firing.deadLetters) this.keepLetter(letter);
    for (const { atMs, reason } of firing.skips) this.add(ticks, skipped(schedule, atMs, reason));
    for (const start of firing.starts)
      if (!this.ticksOf(schedule).has(start.atMs)) this.start(ticks, schedule, start);
    return Promise.resolve(ticks);
  }

  fireMissed(schedule: string, starts: readonly TickStart[]): Promise<readonly StoredTick[]> {
    const ticks: StoredTick[] = [];
    for (const start of starts) {
      if (this.ticksOf(schedule).get(start.atMs)?.outcome === "started") continue;
      this.start(ticks, schedule, start);
    }
    return Promise.resolve(ticks);
  }

  ticks(filter: Parameters<ScheduleStore["ticks"]>[0]): Promise<readonly StoredTick[]> {
    const { schedule, limit = 100 } = filter;
    const { fromMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = filter;
    const found = [...this.ticksOf(schedule).values()].filter(
      ({ atMs }) => atMs >= fromMs && atMs <= untilMs,
    );
    return Promise.resolve(found.sort((left, right) => right.atMs - left.atMs).slice(0, limit));
  }

  /** Says something else when a schedule has changed, but for how far it is. */
  news(): readonly unknown[] {
    return [...this.byId.values()].map(({ decidedUntilMs: _, ...schedule }) => schedule);
  }

  /** The records of ticks before a time, the oldest first; gives how many. */
  forget({ beforeMs, limit }: { readonly beforeMs: number; readonly limit: number }): number {
    const old = [...this.decided.values()]
      .flatMap((ticks) => [...ticks.values()])
      .filter(({ atMs }) => atMs < beforeMs)
      .sort((left, right) => left.atMs - right.atMs)
      .slice(0, limit);
    for (const { schedule, atMs } of old) this.decided.get(schedule)?.delete(atMs);
    return old.length;
  }

  ticksOf(schedule: string): Map<number, StoredTick> {
    const known = this.decided.get(schedule) ?? new Map<number, StoredTick>();
    this.decided.set(schedule, known);
    return known;
  }

  start(ticks: StoredTick[], schedule: string, { atMs, run }: TickStart): void {
    const stored = this.insert(run);
    this.add(
      ticks,
      stored === null
        ? skipped(schedule, atMs, "overlap")
        : { schedule, atMs, outcome: "started", reason: null, run: stored.run },
    );
  }

  add(ticks: StoredTick[], tick: StoredTick): void {
    const known = this.ticksOf(tick.schedule);
    if (known.get(tick.atMs)?.outcome === "started") return;
    known.set(tick.atMs, tick);
    ticks.push(tick);
  }
}

function skipped(
  schedule: string,
  atMs: number,
  reason: NonNullable<StoredTick["reason"]>,
): StoredTick {
  return { schedule, atMs, outcome: "skipped", reason, run: null };
}
