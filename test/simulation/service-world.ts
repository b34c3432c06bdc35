/** An installation of several processes on one store and one transport, which runs what schedules, events and clients ask for. */

import { required } from "../../base/assert.ts";
import type { Plan } from "../../plan/plan.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import { foldRun } from "../../runner/engine/fold.ts";
import { checkHistory } from "../../runner/engine/invariants.ts";
import type { OperatedRunner } from "../../runner/index.ts";
import type { ModulePort } from "../../runner/ports/tool.ts";
import { deploy } from "../../runner/triggers/deploy.ts";
import { eventLoopTurns } from "./event-loop-turns.ts";
import { LossyTransport } from "./lossy-transport.ts";
import { checkGathered, checkReplaced } from "./check-gathered.ts";
import type { Random } from "./random.ts";
import { ServiceProcess } from "./service-process.ts";
import { cap, nextEdition, servicePlan, topics, type Topic } from "./service-plan.ts";
import type { Fate } from "./sim-process.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { WatchingStore } from "./watching-store.ts";

const startMs = Date.parse("2026-01-01T00:00:30Z");
const minuteMs = 60_000;
/** For so long clients and schedules ask for runs, and processes are harmed. */
const loadMs = 4 * minuteMs;

export interface ServiceWorldOptions {
  readonly random: Random;
  readonly processes: number;
  readonly fate: (write: string) => Fate;
  readonly meddle: (world: ServiceWorld) => void;
}

interface Deed {
  readonly key: string;
  /** By the limits of the tool that everything calls. */
  readonly isLimited: boolean;
  readonly process: ServiceProcess;
  readonly beganMs: number;
  endedMs: number;
}

export class ServiceWorld {
  readonly options: ServiceWorldOptions;
  readonly clock = new VirtualClock(startMs);
  readonly store = new WatchingStore({ now: () => this.clock.now() });
  readonly transport: LossyTransport;
  /** The newest one is last. */
  readonly plans: Plan[];
  readonly deeds: Deed[] = [];
  /** What clients were told. */
  readonly acknowledged = new Map<string, string>();
  readonly emitted = new Set<string>();
  /** Processes that stood still for longer than a lease. */
  readonly stale = new Set<ServiceProcess>();
  processes: ServiceProcess[] = [];
  deaths = 0;
  launched = 0;
  /** How often another edition was deployed. */
  deployed = 0;

  constructor(options: ServiceWorldOptions) {
    this.options = options;
    const { random } = options;
    this.transport = new LossyTransport({ clock: this.clock, random, store: this.store });
    this.plans = [servicePlan(random)];
  }

  get plan(): Plan {
    return required(this.plans.at(-1), "there is a plan from the beginning");
  }

  /** Deploys, lets clients and schedules ask for runs, and waits until all is done. Gives whether it is. */
  async run(untilMs: number): Promise<boolean> {
    const { plan } = this;
    const deployment = {
      program: "service",
      planHash: plan.hash,
      environment: "",
      folder: "/",
      mocked: true,
      atMs: this.clock.now(),
    };
    await deploy(this.store, { deployment, plan });
    for (let count = 0; count < this.options.processes; count += 1) this.launch();
    const client = await this.openClient();
    for (let atMs = 1_000; atMs < loadMs; atMs += 500 + this.options.random.below(4_000))
      this.clock.after(atMs, () => this.ask(client));
    for (let count = this.options.random.below(4); count > 0; count -= 1)
      this.clock.after(this.options.random.below(loadMs), () => this.deployNext(client));
    for (;;) {
      await eventLoopTurns(3);
      if (this.clock.now() > startMs + loadMs) {
        const done = [...this.store.runs.values()].every(({ head }) => head.endedAtMs !== null);
        if (done && this.clock.now() > startMs + loadMs + minuteMs) return true;
      } else this.options.meddle(this);
      if (!this.clock.next(startMs + untilMs)) return false;
    }
  }

  launch(): void {
    this.launched += 1;
    const process = this.newProcess(`process${this.launched}`, "all");
    this.processes.push(process);
    process.open().catch(() => process.die());
  }

  /** A process that starts runs and emits events; it does not die, but may not hear what became of what it wrote. */
  private openClient(): Promise<OperatedRunner> {
    return this.newProcess("client", "none").open();
  }

  private newProcess(name: string, work: "none" | "all"): ServiceProcess {
    const { random, fate } = this.options;
    const { clock, store, transport } = this;
    const process: ServiceProcess = new ServiceProcess({
      name,
      store,
      clock,
      random,
      transport,
      work,
      modules: this.modules(() => process),
      fate(write) {
        // Afterwards all is well, and must come to an end.
        const chosen = clock.now() > startMs + loadMs ? "ok" : fate(write);
        return work === "none" && chosen.startsWith("crash") ? "timeout-after" : chosen;
      },
      onDeath: () => {
        this.deaths += 1;
        this.processes = this.processes.filter((other) => other !== process);
        this.clock.after(random.below(3_000), () => this.launch());
      },
    });
    return process;
  }

  private modules(process: () => ServiceProcess): ModulePort {
    return {
      call: ({ idempotencyKey }, { signal }) =>
        new Promise((resolve) => {
          const beganMs = this.clock.now();
          const isLimited = /:(ticked|heard|alone)\b/.test(idempotencyKey);
          const deed: Deed = {
            key: idempotencyKey,
            isLimited,
            process: process(),
            beganMs,
            endedMs: beganMs,
          };
          this.deeds.push(deed);
          const takesMs = 50 + this.options.random.below(400);
          deed.endedMs = beganMs + takesMs;
          const stop = this.clock.after(takesMs, () => resolve({ ok: true, value: 1 }));
          signal.addEventListener("abort", () => {
            stop();
            deed.endedMs = this.clock.now();
            resolve({ ok: false, code: "cancelled", message: "aborted" });
          });
        }),
      check: () => Promise.resolve(null),
      close: () => Promise.resolve(),
    };
  }

  /** Asks again, with the same key or id, until it is answered. */
  private ask(client: OperatedRunner): void {
    const { random } = this.options;
    const id = `wish${this.acknowledged.size + this.emitted.size}-${this.clock.now()}`;
    const again = (work: () => Promise<void>): void => this.again(work);
    if (random.chance(0.7)) {
      const topic = random.pick<Topic>(topics);
      // What comes at once is gathered, or replaced.
      for (let count = random.chance(0.4) ? 3 : 1; count > 0; count -= 1) {
        const event = { topic, data: `${id}.${count}`, id: `${id}.${count}` };
        this.emitted.add(event.id);
        this.clock.after(random.below(600), () =>
          again(async () => void (await client.emit(event))),
        );
      }
      return;
    }
    again(async () => {
      const { plan } = this;
      const options = { plan, flow: "alone", input: { p: 1 }, idempotencyKey: id };
      const answer = await client.start(options);
      if (!answer.ok) throw new Error(answer.message);
      const known = this.acknowledged.get(id);
      if (known !== undefined && known !== answer.run)
        this.store.faults.push(`I8 ${id} is ${known} and ${answer.run}`);
      this.acknowledged.set(id, answer.run);
    });
  }

  private again(work: () => Promise<void>): void {
    void work().catch(() => this.clock.after(500, () => this.again(work)));
  }

  /** Another edition begins to serve what comes, while runs of the former ones go on. */
  private deployNext(client: OperatedRunner): void {
    this.plans.push(nextEdition(this.plan, this.plans.length + 1));
    this.again(async () => {
      // Who asks once more means the newest.
      const { plan } = this;
      const done = await client.operations.deploy({ program: "service", plan });
      if (!done.ok) throw new Error(done.message);
      this.deployed += 1;
    });
  }

  /** Everything that must hold at the end. */
  async faults(): Promise<readonly string[]> {
    const codes = new Map(this.plans.map((plan) => [plan.hash, compileProgram(plan)]));
    const code = (hash: string) => required(codes.get(hash), "each run has a plan");
    const faults = [...this.store.faults, ...this.store.checkOrder()];
    for (const [run, { head, events }] of this.store.runs) {
      const own = checkHistory(events, code);
      faults.push(...own.map((fault) => `${fault} (run ${run})`));
      if (head.endedAtMs === null) faults.push(`${run} of ${head.flow} is still ${head.status}`);
      else if (own.length === 0 && foldRun(events, code).outcome?.status !== head.status)
        faults.push(`I2 the head of ${run} says ${head.status}`);
    }
    for (const run of await this.store.unexplained(10))
      faults.push(`I9 ${run} stands still without a reason`);
    for (const [id, run] of this.acknowledged)
      if (!this.store.runs.has(run) && !this.store.purged.has(run))
        faults.push(`I8 ${id} was answered with ${run}, which is not there`);
    return [...faults, ...(await this.checkTicks()), ...this.checkEvents(), ...this.checkCalls()];
  }

  /** I12: every minute has one decision, and a run of its own or a reason. */
  private async checkTicks(): Promise<readonly string[]> {
    const [schedule] = await this.store.schedules.list();
    if (schedule === undefined) return ["I12 the schedule is gone"];
    const ticks = await this.store.schedules.ticks({ schedule: schedule.id, limit: 1_000 });
    const faults: string[] = [];
    const runs = new Set<string>();
    for (const { atMs, run, reason } of ticks) {
      if ((run === null) === (reason === null))
        faults.push(`I12 ${atMs} has neither run nor reason`);
      if (run !== null && runs.has(run)) faults.push(`I12 ${run} is of two ticks`);
      if (run !== null) runs.add(run);
    }
    for (let at = startMs + minuteMs / 2; at < startMs + loadMs; at += minuteMs) {
      const decided = ticks.filter(({ atMs }) => atMs === at).length;
      if (decided !== 1) faults.push(`I12 the tick at ${at} was decided ${decided} times`);
    }
    return faults;
  }

  /** Each event was published once, and has the run that it asks for. */
  private checkEvents(): readonly string[] {
    const lost = [...this.emitted].filter((id) => !this.store.published.some((e) => e.id === id));
    const [ticks] = this.plan.program.flows["ticked"]?.triggers ?? [];
    const replacing = new Set(["latest", ...(ticks?.overlap === "replace" ? ["ticked"] : [])]);
    return [
      ...lost.map((id) => `the event ${id} is not in the log`),
      ...checkGathered(this.store),
      ...checkReplaced(this.store, replacing),
    ];
  }

  /** I14 and I15 as the service sees them. Who slept longer than its lease may come too late with what it was allowed. */
  private checkCalls(): readonly string[] {
    const deeds = this.deeds.filter(
      ({ process, isLimited }) => isLimited && !this.stale.has(process),
    );
    return deeds.flatMap(({ beganMs }) => {
      const atOnce = deeds.filter(
        (deed) => deed.beganMs <= beganMs && beganMs < deed.endedMs,
      ).length;
      return atOnce > cap ? [`I14 ${atOnce} calls at once at ${beganMs}`] : [];
    });
  }
}
