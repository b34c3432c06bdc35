import { compileExpression } from "../plan/evaluate/compile-expression.ts";
import { namesOf } from "../plan/evaluate/names.ts";
import type { Json } from "../plan/expression.ts";
import { describeWaits } from "../plan/wait.ts";
import type { RunEvent, RunFact, Spending } from "../plan/history.ts";
import type { Activity, StubActivity } from "../runner/engine/activity.ts";
import type { EngineProgram } from "../runner/engine/code.ts";
import type { Effect } from "../runner/engine/effect.ts";
import type { RunMachine } from "../runner/engine/machine.ts";
import type { RecordedOutcomes } from "./recorded-outcomes.ts";
import type { TestWorld } from "./test-world.ts";

export interface VirtualRunOptions {
  readonly machine: RunMachine;
  readonly program: EngineProgram;
  readonly world: TestWorld;
  readonly created: Extract<RunFact, { readonly kind: "run.created" }>;
  readonly recording: RecordedOutcomes | null;
}

export interface VirtualRun {
  readonly events: readonly RunEvent[];
  /** Runs that `continue` wants. */
  readonly continuations: readonly Extract<Effect, { readonly kind: "continue" }>[];
  /** Why it can't go on; null when it has ended. */
  readonly stuck: string | null;
}

/** An outcome that is known already and arrives at its time. */
interface Pending {
  readonly atMs: number;
  readonly path: string;
  readonly attempt: number;
  readonly fact: RunFact;
}

const nothing: Spending = { tokensIn: 0, tokensOut: 0, cost: 0 };

/** Drives one run to its end on the production engine: outcomes come from stubs, and time jumps from one event to the next. */
export function runVirtually(options: VirtualRunOptions): VirtualRun {
  return new VirtualOwner(options).run();
}

class VirtualOwner {
  readonly options: VirtualRunOptions;
  readonly events: RunEvent[] = [];
  readonly continuations: Extract<Effect, { readonly kind: "continue" }>[] = [];
  pending: Pending[] = [];

  constructor(options: VirtualRunOptions) {
    this.options = options;
  }

  run(): VirtualRun {
    const { machine, world, created } = this.options;
    this.record(created);
    const { states } = machine.admission();
    this.record({ kind: "run.started", states: states.map((state) => world.readState(state)) });
    while (!this.finish()) {
      this.begin();
      if (this.finish()) break;
      if (this.advance()) continue;
      const waits = machine.reasonsToWait();
      return {
        events: this.events,
        continuations: this.continuations,
        stuck: waits === null ? "nothing is left to do" : describeWaits(waits),
      };
    }
    return { events: this.events, continuations: this.continuations, stuck: null };
  }

  record(fact: RunFact): void {
    const { machine, world } = this.options;
    this.events.push(machine.record(fact, world.nowMs));
    for (const effect of machine.takeEffects()) this.follow(effect);
  }

  finish(): boolean {
    const ending = this.options.machine.ending();
    if (ending !== null) this.record(ending);
    return this.options.machine.phase === "ended";
  }

  /** Starting one activity may make others ready, or no longer wanted. */
  begin(): void {
    for (;;) {
      const [activity] = this.options.machine.ready(1);
      if (activity === undefined) return;
      const { path, attempt, kind, callee } = activity;
      this.record({
        kind: "activity.started",
        path,
        attempt,
        activity: kind,
        callee,
        ...(activity.kind === "model" ? { model: activity.model } : {}),
      });
      this.countCall(activity);
      const outcome = this.outcomeOf(activity);
      if (outcome !== null) this.pending.push({ path, attempt, ...outcome });
    }
  }

  /** A tool loop asks its model several times; the first time is the call. */
  countCall({ kind, path, callee }: Activity): void {
    const isCall =
      kind === "stub" ||
      kind === "tool" ||
      kind === "person" ||
      (kind === "model" && path.endsWith("@1"));
    if (isCall) this.options.world.count(callee);
  }

  /** Lets what comes next happen: an outcome, or a timer; outcomes first when both are due. */
  advance(): boolean {
    const { machine, world } = this.options;
    const wakeAtMs = machine.wakeAtMs();
    const next = this.pending.reduce<Pending | null>(
      (first, one) => (first === null || one.atMs < first.atMs ? one : first),
      null,
    );
    if (next !== null && (wakeAtMs === null || next.atMs <= wakeAtMs)) {
      world.nowMs = Math.max(world.nowMs, next.atMs);
      this.pending = this.pending.filter((one) => one !== next);
      if (machine.awaits(next.path)) this.record(next.fact);
      return true;
    }
    if (wakeAtMs === null) return false;
    world.nowMs = Math.max(world.nowMs, wakeAtMs);
    const fired = machine.dueTimer(world.nowMs);
    if (fired !== null) this.record(fired);
    return true;
  }

  follow(effect: Effect): void {
    const { machine, world } = this.options;
    switch (effect.kind) {
      // Limits hold within the run here, so it asks nobody for slots.
      case "leave-slot":
        return;
      case "abort":
        this.pending = this.pending.filter(
          ({ path, attempt }) => path !== effect.path || attempt !== effect.attempt,
        );
        if (machine.awaits(effect.path)) {
          const { path, attempt } = effect;
          this.pending.push({
            atMs: world.nowMs,
            path,
            attempt,
            fact: { kind: "activity.failed", path, attempt, code: "cancelled", message: "stopped" },
          });
        }
        return;
      case "remember":
        world.remember(effect.key, effect.value, effect.ttlMs);
        return;
      case "store-state":
        world.storeState(effect, effect.value);
        return;
      case "continue":
        this.continuations.push(effect);
        return;
      case "withdraw":
      case "ask-again":
      case "remind":
      case "letter-settled":
      case "dead-letter":
        return;
    }
  }

  /** Null for what only the world outside could end. */
  outcomeOf(activity: Activity): { readonly atMs: number; readonly fact: RunFact } | null {
    const { world } = this.options;
    const { path, attempt } = activity;
    const now = (output: Json): { readonly atMs: number; readonly fact: RunFact } => ({
      atMs: world.nowMs,
      fact: { kind: "activity.succeeded", path, attempt, output },
    });
    switch (activity.kind) {
      case "stub":
        return this.stubbed(activity);
      case "emit":
        return now(null);
      case "cache": {
        const { key, near } = activity;
        const hit = world.recall(key) ?? (near === null ? null : world.recallNear(key, near));
        return now(hit === null ? { hit: false } : { hit: true, value: hit.value });
      }
      case "turn":
        return now({ atMs: world.nowMs });
      case "slot":
        return now(null);
      case "state":
        return now(activity.states.map((state) => ({ ...world.readState(state) })));
      case "model":
      case "tool":
      case "person":
      case "receive":
        return this.recorded(activity);
    }
  }

  stubbed({ path, attempt, answer, delayMs, cost, timeoutMs }: StubActivity): {
    readonly atMs: number;
    readonly fact: RunFact;
  } {
    const { world, program, created } = this.options;
    const spent = { ...nothing, cost };
    if (timeoutMs !== null && delayMs > timeoutMs) {
      const message = `no answer within ${timeoutMs} ms`;
      return {
        atMs: world.nowMs + timeoutMs,
        fact: { kind: "activity.failed", path, attempt, code: "timeout", message, spent },
      };
    }
    const atMs = world.nowMs + delayMs;
    if (answer.kind === "fail") {
      return {
        atMs,
        fact: {
          kind: "activity.failed",
          path,
          attempt,
          code: answer.code,
          message: answer.message,
          spent,
        },
      };
    }
    const output = compileExpression(
      answer.value,
      program.program.schemas,
    )(namesOf({}, created.config));
    return { atMs, fact: { kind: "activity.succeeded", path, attempt, output, spent } };
  }

  recorded({
    kind,
    path,
    attempt,
  }: Activity): { readonly atMs: number; readonly fact: RunFact } | null {
    const { recording, world } = this.options;
    const atMs = world.nowMs;
    if (kind === "person" || kind === "receive") {
      const answer = recording?.answer(path);
      return answer === undefined ? null : { atMs, fact: answer };
    }
    const outcome = recording?.outcome(path, attempt);
    if (outcome === undefined) {
      const message = "neither a stub nor the recording answers this call";
      return { atMs, fact: { kind: "activity.failed", path, attempt, code: "internal", message } };
    }
    return { atMs, fact: { ...outcome, attempt } };
  }
}
