import type { Plan } from "../plan/plan.ts";
import type { Outcome, Runner, RunStatus } from "./api.ts";
import type { Duty } from "./ports/duty.ts";
import type { RedriveOptions, Redriven } from "./redrive.ts";

/** A runner with its operator's side. */
export interface OperatedRunner extends Runner {
  readonly operations: Operations;
}

/** What an operator does with programs, schedules and flows, rather than with one run. Times are milliseconds since 1970. */
export interface Operations {
  /** Lets a plan serve the triggers of its program, under the name that its user gives it. */
  deploy(options: DeployOptions): Promise<Outcome<DeployedTriggers>>;
  /** Its triggers start nothing more; runs go on. */
  withdraw(program: string): Promise<Outcome<object>>;
  deployments(): Promise<readonly DeploymentView[]>;

  /** The `on event` triggers of what is deployed. */
  subscriptions(): Promise<readonly SubscriptionView[]>;
  schedules(): Promise<readonly ScheduleView[]>;
  pauseSchedule(id: string): Promise<Outcome<object>>;
  /** Ticks that fell into the pause are not made up for; `backfill` does that. */
  resumeSchedule(id: string): Promise<Outcome<object>>;
  ticks(schedule: string, filter?: { readonly limit?: number }): Promise<readonly TickView[]>;
  /** Fires the ticks from `fromMs` to `untilMs` that have no run. Gives their times, and the runs that were started. */
  backfill(options: {
    readonly schedule: string;
    readonly fromMs: number;
    readonly untilMs: number;
    readonly dryRun?: boolean;
  }): Promise<Outcome<{ readonly ticks: readonly number[]; readonly runs: readonly string[] }>>;

  /** Nothing new begins in the run; what is under way ends. */
  pauseRun(run: string): Promise<Outcome<{ status: RunStatus }>>;
  /** Runs of the flow, or of all when it is null, stand still until `lift`. What is under way ends. */
  hold(flow: string | null, reason?: string): Promise<Outcome<object>>;
  lift(flow: string | null): Promise<Outcome<object>>;
  holds(): Promise<readonly HoldView[]>;

  /** Retries all open dead letters that fit, a few first if told so, not faster than told. */
  redrive(options: RedriveOptions): Promise<Redriven>;

  /** Work that one process does for all: give it to whoever was elected. */
  readonly duties: readonly Duty[];
}

export interface DeployOptions {
  readonly program: string;
  readonly plan: Plan;
  readonly environment?: string;
  /** Folder of the entry file, where the paths of modules start; that of the runner unless told. */
  readonly folder?: string;
  /** The edition that it is meant to follow, 0 for none: refused as `conflict` when another one is deployed. The newest one unless told. */
  readonly replaces?: number;
}

/** Ids of the triggers that were found. */
export interface DeployedTriggers {
  /** Counts the deployments of the program, from 1. */
  readonly edition: number;
  readonly cron: readonly string[];
  readonly events: readonly string[];
}

export interface DeploymentView {
  readonly program: string;
  readonly edition: number;
  readonly planHash: string;
  readonly environment: string;
  readonly deployedAtMs: number;
}

export interface SubscriptionView {
  readonly id: string;
  readonly program: string;
  /** Id of the flow in the plan. */
  readonly flow: string;
  /** With `*` for one part and `**` for all the rest. */
  readonly topic: string;
}

export interface ScheduleView {
  readonly id: string;
  readonly program: string;
  /** Id of the flow in the plan. */
  readonly flow: string;
  readonly expression: string;
  readonly zone: string;
  readonly paused: boolean;
  /** Null when it never ticks again. */
  readonly nextTickAtMs: number | null;
}

export interface TickView {
  readonly atMs: number;
  readonly outcome: "started" | "skipped";
  readonly reason: string | null;
  readonly run: string | null;
}

export interface HoldView {
  readonly flow: string | null;
  readonly reason: string;
  readonly atMs: number;
}
