import { required } from "../../base/assert.ts";
import type { Plan } from "../../plan/plan.ts";
import type { EngineProgram } from "../../runner/engine/code.ts";
import type { Clock } from "../../runner/ports/clock.ts";
import type { Store } from "../../runner/ports/store.ts";
import { inProcessTransport } from "../../runner/queue/in-process-transport.ts";
import type { RunActivity } from "../../runner/steps/run-activity.ts";
import { createLimits } from "../../runner/worker/limits.ts";
import { Worker } from "../../runner/worker/worker.ts";
import type { WorkerHost } from "../../runner/worker/worker-host.ts";

/** What becomes of one write: it happens, and its caller hears of it, or not. */
export type Fate = "ok" | "timeout-before" | "timeout-after" | "crash-before" | "crash-after";

export interface SimProcessOptions {
  readonly name: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly plans: ReadonlyMap<string, { readonly plan: Plan; readonly code: EngineProgram }>;
  readonly runActivity: RunActivity;
  readonly newId: () => string;
  /** Decides about each write to the store. */
  readonly fate: (write: string) => Fate;
  readonly onDeath: (name: string) => void;
  /** What it does when its store fails it; it dies unless told. */
  readonly onFault?: (error: unknown) => void;
  /** Why it can't make a program ready for its runs; null when it can. */
  readonly fault?: () => Error | null;
}

/** One process with the worker as it runs in production, over a store and a clock that can fail it. */
export class SimProcess {
  readonly options: SimProcessOptions;
  readonly worker: Worker;
  alive = true;
  /** Stands still until then: nothing it does or hears gets through. */
  frozenUntilMs = 0;

  constructor(options: SimProcessOptions) {
    this.options = options;
    const clock = this.clock();
    const store = this.faultyStore();
    const transport = inProcessTransport();
    const plan = (hash: string): ReturnType<SimProcess["plan"]> => this.plan(hash);
    const host: WorkerHost = {
      store,
      clock,
      telemetry: { log: () => undefined },
      limits: createLimits(clock, {
        shared: {
          permits: store.permits,
          session: () => options.name,
          onFault: () => undefined,
        },
      }),
      newId: options.newId,
      compile: (hash) => Promise.resolve(this.plan(hash).code),
      load({ planHash }) {
        const fault = options.fault?.() ?? null;
        if (fault !== null) return Promise.reject(fault);
        return Promise.resolve({ ...plan(planHash), runActivity: options.runActivity });
      },
      nextRun: ({ created, planHash, flow, input, continuation, notBeforeMs, atMs }) => {
        const run = options.newId();
        const event = {
          ...created,
          kind: "run.created" as const,
          run,
          planHash,
          flow,
          input,
          continuation,
          seq: 1,
          atMs,
        };
        return Promise.resolve({
          run,
          planHash,
          flow,
          idempotencyKey: null,
          priority: 5,
          wakeAtMs: notBeforeMs,
          events: [event],
        });
      },
      appended: () => undefined,
      settled: () => undefined,
      asked: () => undefined,
      reminded: () => undefined,
      withdrawn: () => undefined,
      notify: (run) => transport.notify(run),
      slotsFreed: () => void this.worker.poll(),
    };
    this.worker = new Worker({
      host,
      transport,
      session: options.name,
      maxRuns: 100,
      takeOver: true,
      onFault: options.onFault ?? (() => this.die()),
    });
  }

  async open(): Promise<void> {
    await this.worker.open();
    await this.worker.poll();
  }

  /** As by `kill -9`: what it has begun outside goes on, and it never hears of it. */
  die(): void {
    if (!this.alive) return;
    this.alive = false;
    this.options.onDeath(this.options.name);
  }

  freeze(forMs: number): void {
    this.frozenUntilMs = this.options.clock.now() + forMs;
  }

  plan(hash: string): { readonly plan: Plan; readonly code: EngineProgram } {
    return required(this.options.plans.get(hash), "the plan is known");
  }

  clock(): Clock {
    const { clock } = this.options;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (delayMs, callback) => clock.after(delayMs, () => this.whenAwake(callback)),
    };
  }

  whenAwake(callback: () => void): void {
    if (!this.alive) return;
    const { clock } = this.options;
    if (this.frozenUntilMs > clock.now())
      clock.after(this.frozenUntilMs - clock.now(), () => this.whenAwake(callback));
    else callback();
  }

  /** Every call passes through here; a dead process never gets an answer. */
  faultyStore(): Store {
    const { store, fate } = this.options;
    const writes: ReadonlySet<string> = new Set([
      "append",
      "admit",
      "takeSlots",
      "claim",
      "release",
      "beat",
      "endSession",
    ]);
    return new Proxy(store, {
      get: (target, property) => {
        const method = Reflect.get(target, property) as unknown;
        if (typeof method !== "function") return method;
        const call = (...args: unknown[]): unknown => Reflect.apply(method, target, args);
        const name = String(property);
        return async (...args: unknown[]): Promise<unknown> => {
          if (!this.alive) return never();
          await this.awake();
          const chosen = writes.has(name) ? fate(name) : "ok";
          if (chosen === "crash-before") this.die();
          if (chosen === "timeout-before") throw new Error(`${name} timed out`);
          if (!this.alive) return never();
          const result: unknown = await call(...args);
          if (chosen === "crash-after") this.die();
          if (chosen === "timeout-after") throw new Error(`${name} timed out`);
          await this.awake();
          return this.alive ? result : never();
        };
      },
    });
  }

  awake(): Promise<void> {
    if (this.frozenUntilMs <= this.options.clock.now()) return Promise.resolve();
    return new Promise((resolve) => this.whenAwake(resolve));
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
