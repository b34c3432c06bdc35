/** Several processes, one store, one clock: whole runs of random plans under faults. */

import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { Plan } from "../../plan/plan.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import { foldRun } from "../../runner/engine/fold.ts";
import { checkHistory } from "../../runner/engine/invariants.ts";
import type { RunHead } from "../../runner/ports/store.ts";
import type { RunActivity } from "../../runner/steps/run-activity.ts";
import { MemoryStore } from "../../runner/store/memory-store.ts";
import { startMs } from "./drive.ts";
import { eventData, modelReply, personReply } from "./cast.ts";
import { checkEffects } from "./effect-ledger.ts";
import type { Deed } from "./effect-ledger.ts";
import type { Random } from "./random.ts";
import { SimProcess } from "./sim-process.ts";
import type { Fate } from "./sim-process.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { watchStore } from "./watched-store.ts";

export interface WorldOptions {
  readonly random: Random;
  readonly processes: number;
  /** Of write number `count`, from 1, by whatever process. */
  readonly fate: (count: number, write: string) => Fate;
  /** Outcome of a tool. */
  readonly tool: (
    name: string,
    x: Json,
    attempt: number,
  ) => { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly code: string };
  /** Called before time moves on. */
  readonly meddle?: (world: World) => void;
}

export class World {
  readonly options: WorldOptions;
  readonly clock = new VirtualClock(startMs);
  readonly store = new MemoryStore({ now: () => this.clock.now() });
  readonly watch = watchStore(this.store);
  readonly plans = new Map<
    string,
    { readonly plan: Plan; readonly code: ReturnType<typeof compileProgram> }
  >();
  readonly deeds: Deed[] = [];
  processes: SimProcess[] = [];
  writes = 0;
  ids = 0;
  deaths = 0;
  /** Requests that models answered. */
  requests = 0;
  /** Answers of people and events that came from outside. */
  answers = 0;
  readonly foreseen = new Set<string>();

  constructor(options: WorldOptions) {
    this.options = options;
  }

  async start(
    plan: Plan,
    input: { readonly [param: string]: Json },
    flow = "main",
  ): Promise<string> {
    this.plans.set(plan.hash, { plan, code: compileProgram(plan) });
    await this.store.putPlan(plan);
    const run = this.newId();
    const created = {
      kind: "run.created",
      run,
      planHash: plan.hash,
      flow,
      input,
      environment: "test",
      config: {},
      trigger: null,
      continuation: 0,
      limits: "all",
      seq: 1,
      atMs: this.clock.now(),
    } as const;
    await this.watch.store.createRun({
      run,
      planHash: plan.hash,
      flow,
      idempotencyKey: run,
      priority: 5,
      wakeAtMs: null,
      events: [created],
    });
    return run;
  }

  newId(): string {
    this.ids += 1;
    return `id${String(this.ids).padStart(6, "0")}`;
  }

  launch(): void {
    const process = new SimProcess({
      name: `process${this.newId()}`,
      store: this.watch.store,
      clock: this.clock,
      plans: this.plans,
      runActivity: this.runActivity,
      newId: () => this.newId(),
      fate: (write) => {
        this.writes += 1;
        return this.options.fate(this.writes, write);
      },
      onDeath: () => {
        this.deaths += 1;
        this.processes = this.processes.filter((other) => other !== process);
        this.clock.after(100, () => this.launch());
      },
    });
    this.processes.push(process);
    // A process whose first write fails dies like any other.
    process.open().catch(() => process.die());
  }

  /** Until all runs have ended, or the given time has passed. Gives whether they have. */
  async runToEnd(untilMs: number): Promise<boolean> {
    for (let count = 0; count < this.options.processes; count += 1) this.launch();
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if ([...this.store.runs.values()].every(({ head }) => head.endedAtMs !== null)) return true;
      this.resumePaused();
      this.answerFromOutside();
      this.options.meddle?.(this);
      if (!this.clock.next(startMs + untilMs)) return false;
    }
  }

  /** A run that was there when several processes died in a row is paused; somebody looks at it and goes on. */
  resumePaused(): void {
    for (const [run, { head, inbox }] of this.store.runs) {
      if (head.status !== "paused" || inbox.size > 0) continue;
      this.store
        .deliver({ kind: "resume", id: this.newId(), run, atMs: this.clock.now() })
        .catch(() => undefined);
    }
  }

  /** Questions are answered and awaited events come, each once, some time after they were asked or awaited. */
  answerFromOutside(): void {
    for (const [run, { tasks, waits }] of this.store.runs) {
      for (const { path, agent, question, problem, askedAtMs } of tasks.values())
        this.onceLater(`${run} ${path} ${askedAtMs} ${problem}`, (id) => {
          const value = personReply({ agent, question }, problem !== null);
          const item = { kind: "answer", id, run, path, value, atMs: this.clock.now() } as const;
          this.answers += 1;
          return this.store.deliver(item);
        });
      for (const [path, topic] of waits)
        // To whoever waits for it at that time, as from a bus: a run that takes another way gets none.
        this.onceLater(`${run} ${path} ${topic}`, (id) => {
          const time = new Date(this.clock.now()).toISOString();
          this.answers += 1;
          return this.store.publish({ id, topic, time, data: eventData(topic) });
        });
    }
  }

  onceLater(what: string, send: (id: string) => Promise<unknown>): void {
    if (this.foreseen.has(what)) return;
    this.foreseen.add(what);
    const id = this.newId();
    this.clock.after(this.options.random.below(3_000), () => void send(id));
  }

  readonly runActivity: RunActivity = (activity, run, { signal }) =>
    new Promise((resolve) => {
      if (activity.kind !== "tool" && activity.kind !== "model") {
        resolve({ ok: false, code: "internal", message: "only tools and models here" });
        return;
      }
      const outcome =
        activity.kind === "model"
          ? modelReply(activity)
          : this.options.tool(activity.tool, activity.arguments["x"] ?? null, activity.attempt);
      const takes = this.options.random.below(400);
      const stop = this.clock.after(takes, () => {
        if (activity.kind === "tool") {
          const { path, attempt, tool, key } = activity;
          this.deeds.push({ run, path, attempt, tool, key, ok: outcome.ok });
        } else this.requests += 1;
        resolve(
          outcome.ok
            ? { ok: true, output: outcome.value }
            : { ok: false, code: outcome.code, message: outcome.code },
        );
      });
      signal.addEventListener("abort", () => {
        stop();
        resolve({ ok: false, code: "cancelled", message: "aborted" });
      });
    });

  /** Everything that must hold at the end; each fault begins with the number of its invariant. */
  async faults(): Promise<readonly string[]> {
    const faults: string[] = [...(await this.watch.faults())];
    const runs: Parameters<typeof checkEffects>[1][number][] = [];
    for (const [run, { head, output }] of this.store.runs) {
      const events = await this.store.events(run, { afterSeq: 0 });
      const of = (hash: string): ReturnType<typeof compileProgram> =>
        this.plans.get(hash)?.code ?? compileProgram(this.store.plans.get(hash) as Plan);
      runs.push({ run, events, program: of(head.planHash).program });
      const own = checkHistory(events, of);
      faults.push(...own.map((fault) => `${fault} (run ${run})`));
      if (head.endedAtMs !== null) faults.push(...this.checkOutside(run, events));
      if (own.length === 0)
        faults.push(...this.checkHead({ ...head, output }, foldRun(events, of)));
    }
    return [...faults, ...checkEffects(this.deeds, runs)];
  }

  /** Nobody is asked and nothing is awaited any more, and what a person has to allow was allowed before it was done. */
  checkOutside(run: string, events: readonly RunEvent[]): readonly string[] {
    const { tasks, waits } = this.store.runs.get(run) ?? { tasks: new Map(), waits: new Map() };
    const left = [...tasks.keys(), ...waits.keys()].map(
      (path) => `I9 ${run} has ended, but ${path} is still asked or awaited`,
    );
    const allowed = new Set<string>();
    const early = events.flatMap((event) => {
      if (event.kind === "person.answered" && isConsent(event.value))
        allowed.add(event.path.replace("!confirm", ""));
      const unasked =
        event.kind === "activity.started" && event.callee === "pay" && !allowed.has(event.path);
      return unasked ? [`I10 ${run} ${event.path} was done without consent`] : [];
    });
    return [...left, ...early];
  }

  /** I2: what lists show is what the history says. */
  checkHead(
    head: RunHead & { readonly output: Json },
    folded: ReturnType<typeof foldRun>,
  ): readonly string[] {
    const { outcome, seq } = folded;
    const same =
      head.seq === seq &&
      head.status === outcome?.status &&
      JSON.stringify(head.output) === JSON.stringify(outcome.output);
    return same
      ? []
      : [
          `I2 the head of ${head.run} says ${head.status} at ${head.seq}, its history ${outcome?.status ?? "nothing"} at ${seq}`,
        ];
  }
}

function isConsent(value: Json): boolean {
  return (
    typeof value === "object" && value !== null && "approved" in value && value.approved === true
  );
}
