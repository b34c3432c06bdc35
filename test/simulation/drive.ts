/** Runs the engine alone: activities are answered by functions, time jumps to the next timer. */

import { required } from "../../base/assert.ts";
import type { Json } from "../../plan/expression.ts";
import type { KeptCall, RunEvent, Spending, StateReading } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import type { StubPlan } from "../../plan/test-plan.ts";
import type { Activity, SlotActivity, TurnActivity } from "../../runner/engine/activity.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import type { Effect } from "../../runner/engine/effect.ts";
import type { Engine } from "../../runner/engine/engine.ts";
import { checkHistory } from "../../runner/engine/invariants.ts";
import { foldRun, openRun, restoreRun } from "../../runner/engine/fold.ts";

export type Answer =
  | { readonly ok: true; readonly value: Json; readonly spent?: Spending }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message?: string;
      readonly retryAfterMs?: number;
      readonly spent?: Spending;
    };

export interface DriveOptions {
  readonly flow?: string;
  readonly input?: { readonly [param: string]: Json };
  /** Gives the outcome; "never" leaves the activity running. */
  readonly answer?: (activity: Activity) => Answer | Json | "never";
  /** How long activities take, in milliseconds. */
  readonly takes?: (activity: Activity) => number;
  readonly stubs?: { readonly [callable: string]: StubPlan };
  readonly states?: readonly StateReading[];
  readonly config?: { readonly [name: string]: Json };
  /** What the cache has for every look-up; undefined: nothing. */
  readonly cached?: Json;
  /** Called before each event of the loop; may record facts of its own. */
  readonly meddle?: (driver: Driver) => void;
  /** Activities end on their own even if they are aborted. */
  readonly stubborn?: boolean;
  /** Whether the process stops here, before it does anything with what is stored so far. */
  readonly crash?: (step: number) => "no" | "refold" | "snapshot";
  readonly trigger?: Json;
  readonly continuation?: number;
  /** What the run takes over from the one that it was forked of. */
  readonly kept?: { readonly [path: string]: KeptCall };
  /** Rates of flows hold for all runs: gives when the flow may begin. */
  readonly turns?: (activity: TurnActivity) => number;
  /** Limits of flows hold for all runs: whether the call gets a slot now; asked again whenever nothing else moves. */
  readonly slots?: (activity: SlotActivity) => boolean;
}

export interface Driven {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  readonly effects: readonly Effect[];
  readonly activities: readonly Activity[];
  readonly output: Json;
  readonly error: string | null;
  readonly status: string | null;
}

interface Running {
  readonly activity: Activity;
  readonly atMs: number;
  readonly order: number;
}

export const startMs = Date.parse("2026-11-20T08:00:00.000Z");

export class Driver {
  engine: Engine;
  readonly events: RunEvent[] = [];
  readonly effects: Effect[] = [];
  readonly activities: Activity[] = [];
  readonly options: DriveOptions;
  readonly plan: Plan;
  readonly running = new Map<string, Running>();
  /** Calls that wait for their slots. */
  readonly queued = new Set<SlotActivity>();
  nowMs = startMs;
  order = 0;
  steps = 0;
  epoch = 1;

  constructor(plan: Plan, options: DriveOptions) {
    this.plan = plan;
    this.options = options;
    this.engine = openRun(
      compileProgram(plan, options.stubs === undefined ? {} : { stubs: options.stubs }),
    );
    const { config = {}, input = {}, trigger = null, continuation = 0 } = options;
    const flow = options.flow ?? required(Object.keys(plan.program.flows)[0], "a flow");
    this.record({
      kind: "run.created",
      run: "run1",
      planHash: plan.hash,
      flow,
      input,
      environment: "test",
      config,
      trigger,
      continuation,
      ...(options.turns === undefined ? {} : { limits: "shared" }),
      ...(options.slots === undefined ? {} : { limits: "all" }),
      ...(options.kept === undefined ? {} : { kept: options.kept }),
    });
    const given = options.states ?? [];
    const states = this.engine
      .admission()
      .states.map(
        ({ name, key }) =>
          given.find((reading) => reading.name === name) ?? { name, key, stored: null },
      );
    this.record({ kind: "run.started", states });
  }

  record(fact: Parameters<Engine["record"]>[0]): void {
    this.events.push(this.engine.record(fact, this.nowMs));
    for (const effect of this.engine.takeEffects()) {
      this.effects.push(effect);
      if (effect.kind === "abort" && this.engine.awaits(effect.path)) this.abort(effect.path);
    }
  }

  abort(path: string): void {
    if (this.options.stubborn === true) return;
    const running = this.running.get(path);
    this.running.delete(path);
    if (running !== undefined)
      this.record({
        kind: "activity.failed",
        path,
        attempt: running.activity.attempt,
        code: "cancelled",
        message: "aborted",
      });
  }

  /** One step; false when nothing moves any more. */
  step(): boolean {
    this.steps += 1;
    const crash = this.options.crash?.(this.steps) ?? "no";
    if (crash !== "no") this.crash(crash);
    this.options.meddle?.(this);
    const ending = this.engine.ending();
    if (ending !== null) {
      this.record(ending);
      return false;
    }
    if (this.engine.phase === "ended") return false;
    const [activity] = this.engine.ready(1);
    if (activity !== undefined) {
      this.begin(activity);
      return true;
    }
    return this.advance();
  }

  /** Another process goes on from the history, or from a snapshot. */
  crash(from: "refold" | "snapshot"): void {
    const { program } = this.engine.state;
    this.engine =
      from === "refold"
        ? foldRun(this.events, () => program)
        : required(
            restoreRun(program, JSON.parse(JSON.stringify(this.engine.snapshot())) as Json),
            "a snapshot of this version",
          );
    this.engine.takeEffects();
    this.running.clear();
    this.epoch += 1;
    if (this.engine.inFlight().length > 0)
      this.record({ kind: "run.interrupted", epoch: this.epoch });
  }

  begin(activity: Activity): void {
    this.activities.push(activity);
    this.record({
      kind: "activity.started",
      path: activity.path,
      attempt: activity.attempt,
      activity: activity.kind,
      callee: activity.callee,
    });
    if (activity.kind === "person" || activity.kind === "receive") return;
    if (activity.kind === "slot") {
      this.queued.add(activity);
      return;
    }
    this.order += 1;
    this.running.set(activity.path, {
      activity,
      atMs: this.nowMs + (this.options.takes?.(activity) ?? 0),
      order: this.order,
    });
  }

  /** Gives a slot to the first call in line that may have one. */
  giveSlot(): boolean {
    for (const activity of this.queued) {
      const { path, attempt } = activity;
      if (!this.engine.awaits(path)) this.queued.delete(activity);
      else if (this.options.slots?.(activity) === true) {
        this.queued.delete(activity);
        this.record({ kind: "activity.succeeded", path, attempt, output: null });
        return true;
      }
    }
    return false;
  }

  /** To the next outcome or timer. */
  advance(): boolean {
    if (this.giveSlot()) return true;
    const [next] = [...this.running.values()]
      .filter(({ activity }) => this.outcome(activity) !== "never")
      .sort((left, right) => left.atMs - right.atMs || left.order - right.order);
    const wakeMs = this.engine.wakeAtMs();
    if (next !== undefined && (wakeMs === null || next.atMs <= wakeMs)) {
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.finish(next.activity);
      return true;
    }
    if (wakeMs === null) return false;
    this.nowMs = Math.max(this.nowMs, wakeMs);
    this.record(required(this.engine.dueTimer(this.nowMs), "a timer is due"));
    return true;
  }

  readonly outcomes = new Map<Activity, Answer | "never">();

  outcome(activity: Activity): Answer | "never" {
    const known = this.outcomes.get(activity);
    if (known !== undefined) return known;
    const outcome = this.compute(activity);
    this.outcomes.set(activity, outcome);
    return outcome;
  }

  compute(activity: Activity): Answer | "never" {
    if (activity.kind === "cache")
      return {
        ok: true,
        value:
          this.options.cached === undefined
            ? { hit: false }
            : { hit: true, value: this.options.cached },
      };
    if (activity.kind === "turn")
      return { ok: true, value: { atMs: this.options.turns?.(activity) ?? this.nowMs } };
    if (activity.kind === "state")
      return {
        ok: true,
        value: activity.states.map(({ name, key }) => ({ name, key, stored: null })),
      };
    if (activity.kind === "stub") {
      const { answer, cost } = activity;
      const spent = { tokensIn: 0, tokensOut: 0, cost };
      if (answer.kind === "fail")
        return { ok: false, code: answer.code, message: answer.message, spent };
      return { ok: true, value: answer.value.op === "value" ? answer.value.value : null, spent };
    }
    const answer = this.options.answer?.(activity) ?? null;
    if (answer === "never") return answer;
    if (typeof answer === "object" && answer !== null && "ok" in answer) return answer as Answer;
    return { ok: true, value: answer };
  }

  finish(activity: Activity): void {
    this.running.delete(activity.path);
    const outcome = this.outcome(activity);
    if (outcome === "never") return;
    const place = {
      path: activity.path,
      attempt: activity.attempt,
      ...(outcome.spent === undefined ? {} : { spent: outcome.spent }),
    };
    if (outcome.ok) this.record({ kind: "activity.succeeded", ...place, output: outcome.value });
    else
      this.record({
        kind: "activity.failed",
        ...place,
        code: outcome.code,
        message: outcome.message ?? outcome.code,
        ...(outcome.retryAfterMs === undefined ? {} : { retryAfterMs: outcome.retryAfterMs }),
      });
  }

  driven(): Driven {
    const { engine, plan, events, effects, activities } = this;
    const { outcome } = engine;
    return {
      engine,
      plan,
      events,
      effects,
      activities,
      output: outcome?.output ?? null,
      error: outcome?.error?.code ?? null,
      status: outcome?.status ?? null,
    };
  }
}

/** Runs to the end, or until nothing moves any more, and checks that every invariant holds. */
export function drive(plan: Plan, options: DriveOptions = {}): Driven {
  const driver = new Driver(plan, options);
  while (driver.step());
  const driven = driver.driven();
  const faults = checkHistory(driven.events, () => driven.engine.state.program);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return driven;
}
