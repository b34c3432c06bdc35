import type { DeadLetter } from "./dead-letter.ts";
import type { NewRun } from "./new-run.ts";

/**
 * Cron triggers and what became of each of their ticks. A tick is decided once, by whoever moves the schedule on first:
 * the decision and the run that follows from it are one transaction.
 */
export interface ScheduleStore {
  /** Adds a schedule, or changes one: how far it is, and whether it is paused, stay as they are. */
  put(schedule: NewSchedule): Promise<void>;
  /** False when there is none. */
  remove(id: string): Promise<boolean>;
  /** By id. */
  list(): Promise<readonly StoredSchedule[]>;
  /** False when there is none. */
  pause(id: string, paused: boolean): Promise<boolean>;
  /** Decides ticks and moves the schedule on. Null, and nothing changes, when somebody else has moved it on before. */
  fire(firing: Firing): Promise<readonly StoredTick[] | null>;
  /** Decides ticks of the past that were never fired, without moving the schedule. Ticks that have a run are left alone and not given back. */
  fireMissed(schedule: string, ticks: readonly TickStart[]): Promise<readonly StoredTick[]>;
  /** The newest first. */
  ticks(filter: {
    readonly schedule: string;
    readonly fromMs?: number;
    readonly untilMs?: number;
    readonly limit?: number;
  }): Promise<readonly StoredTick[]>;
}

export interface NewSchedule {
  readonly id: string;
  /** Name of the deployed program. */
  readonly program: string;
  readonly flow: string;
  readonly planHash: string;
  /** Which of the flow's triggers, from 0. */
  readonly trigger: number;
  /** No tick up to this time is fired by a schedule that is new. */
  readonly sinceMs: number;
  /** Whether one that is new begins paused; not unless told. */
  readonly paused?: boolean;
}

export interface StoredSchedule extends NewSchedule {
  readonly paused: boolean;
  /** Ticks up to this time are decided. */
  readonly decidedUntilMs: number;
}

/** A tick that should have a run. What happens while an earlier run goes on is up to the slots and the `overlap` of the run. */
export interface TickStart {
  readonly atMs: number;
  readonly run: NewRun;
}

export interface Firing {
  readonly schedule: string;
  /** What the schedule has to say now, or nothing happens. */
  readonly decidedUntilMs: number;
  readonly untilMs: number;
  readonly starts: readonly TickStart[];
  /** Ticks that are not to have a run. */
  readonly skips: readonly {
    readonly atMs: number;
    readonly reason: Exclude<SkipReason, "overlap">;
  }[];
  /** For ticks that can have no run. */
  readonly deadLetters: readonly DeadLetter[];
}

/** `misfire`: nobody was there in time · `overlap`: an earlier run goes on · `refused`: the program can't be started. */
export type SkipReason = "misfire" | "paused" | "overlap" | "refused";

/** A tick that has been decided. */
export interface StoredTick {
  readonly schedule: string;
  readonly atMs: number;
  readonly outcome: "started" | "skipped";
  /** Why it was skipped. */
  readonly reason: SkipReason | null;
  readonly run: string | null;
}
