import { ElectedDuties } from "../../runner/elected-duties.ts";
import { openRunner } from "../../runner/index.ts";
import type { OperatedRunner } from "../../runner/index.ts";
import type { Clock } from "../../runner/ports/clock.ts";
import type { Store } from "../../runner/ports/store.ts";
import type { ModulePort } from "../../runner/ports/tool.ts";
import { faultyStore } from "./faulty-store.ts";
import type { LossyTransport } from "./lossy-transport.ts";
import type { Random } from "./random.ts";
import type { Fate } from "./sim-process.ts";

export interface ServiceProcessOptions {
  readonly name: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: LossyTransport;
  readonly modules: ModulePort;
  readonly work: "none" | "all";
  readonly fate: (write: string) => Fate;
  readonly onDeath: () => void;
}

/** One process as `agentflow worker` starts it, duties included, over a store, a transport and a clock that can fail it. */
export class ServiceProcess {
  readonly options: ServiceProcessOptions;
  alive = true;
  /** Stands still until then: nothing it does or hears gets through. */
  frozenUntilMs = 0;

  constructor(options: ServiceProcessOptions) {
    this.options = options;
  }

  async open(): Promise<OperatedRunner> {
    const { store, random, transport, modules, work, fate, name } = this.options;
    const clock = this.clock();
    const isAlive = (): boolean => this.alive;
    const faulty = faultyStore(store, {
      fate,
      isAlive,
      die: () => this.die(),
      awake: () => this.awake(),
    });
    const telemetry = { log: (): void => undefined };
    const runner = await openRunner({
      store: faulty,
      variables: {},
      folder: "/",
      models: { kind: "mock" },
      work,
      modules,
      clock,
      random: {
        unit: () => random.unit(),
        bytes: (count) => Uint8Array.from({ length: count }, () => random.below(256)),
      },
      telemetry,
      transport: transport.join(isAlive),
      retention: { runsMs: 120_000, ticksMs: null, eventsMs: 120_000, filesMs: null },
    });
    if (work === "none") return runner;
    const { duties } = runner.operations;
    await new ElectedDuties({
      election: faulty.election,
      clock,
      telemetry,
      owner: name,
      duties,
    }).open();
    return runner;
  }

  /** As by `kill -9`: what it has begun outside goes on, and it never hears of it. */
  die(): void {
    if (!this.alive) return;
    this.alive = false;
    this.options.onDeath();
  }

  freeze(forMs: number): void {
    this.frozenUntilMs = this.options.clock.now() + forMs;
  }

  private clock(): Clock {
    const { clock } = this.options;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (delayMs, callback) => clock.after(delayMs, () => this.whenAwake(callback)),
    };
  }

  private whenAwake(callback: () => void): void {
    if (!this.alive) return;
    const { clock } = this.options;
    if (this.frozenUntilMs > clock.now())
      clock.after(this.frozenUntilMs - clock.now(), () => this.whenAwake(callback));
    else callback();
  }

  private awake(): Promise<void> {
    if (this.frozenUntilMs <= this.options.clock.now()) return Promise.resolve();
    return new Promise((resolve) => this.whenAwake(resolve));
  }
}
