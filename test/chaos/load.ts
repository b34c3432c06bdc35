import type { Json } from "../../plan/expression.ts";
import type { Plan } from "../../plan/plan.ts";
import type { OperatedRunner } from "../../runner/index.ts";
import { Random } from "../simulation/random.ts";
import { chooseScript, type Script } from "./scripts.ts";

/** A run whose start was acknowledged. */
export interface StartedRun {
  readonly run: string;
  readonly script: Script;
  readonly input: { readonly [name: string]: Json };
  readonly tag: string;
  readonly key: string;
  /** When its cancellation was acknowledged, in milliseconds since 1970. */
  cancelledAtMs: number | null;
}

export interface LoadOptions {
  readonly seed: number;
  readonly plan: Plan;
  readonly runner: OperatedRunner;
  /** Runs started a second. */
  readonly perSecond: number;
}

const news = "chaos.news";
const attempts = 60;
const pauseMs = 250;
const cancelled = 0.04;
const startedTwice = 0.15;

/** Starts runs of all kinds, emits what they wait for, and cancels a few. What fails meanwhile is asked for again under the same key. */
export class Load {
  readonly started: StartedRun[] = [];
  /** Answers that contradict each other. */
  readonly faults: string[] = [];
  /** Starts that nobody acknowledged. */
  refused = 0;
  private readonly options: LoadOptions;
  private readonly random: Random;
  private count = 0;
  private said = 0;

  constructor(options: LoadOptions) {
    this.options = options;
    this.random = new Random(options.seed + 1);
  }

  /** Starts runs until the time has passed, and waits for all acknowledgements. */
  async run(forMs: number): Promise<void> {
    const untilMs = Date.now() + forMs;
    const under: Promise<void>[] = [];
    while (Date.now() < untilMs) {
      under.push(this.startOne(chooseScript(this.random)));
      if (this.random.chance(0.2)) under.push(this.tellWaiters(3));
      const gapMs = (2_000 / this.options.perSecond) * this.random.unit();
      await new Promise((resolve) => {
        setTimeout(resolve, gapMs);
      });
    }
    await Promise.all(under);
  }

  /** Starts one run, and asks again until it is acknowledged. */
  async startOne(script: Script): Promise<void> {
    this.count += 1;
    const tag = `t${this.count}`;
    const input = script.input(tag, this.random);
    const key = `chaos ${this.options.seed} ${tag}`;
    // What is to be put aside has to be found by the store, not by us.
    const cancels = this.random.chance(cancelled) && script.weight > 0;
    const twice = this.random.chance(startedTwice);
    const cancelAfterMs = this.random.below(1_500);
    const answers = await Promise.all(
      Array.from({ length: twice ? 2 : 1 }, () => this.ask(script, input, key)),
    );
    const [run, other] = answers;
    if (run === undefined || run === null) {
      this.refused += 1;
      return;
    }
    if (other !== undefined && other !== null && other !== run)
      this.faults.push(`I8 the key ${key} gave the runs ${run} and ${other}`);
    const started: StartedRun = { run, script, input, tag, key, cancelledAtMs: null };
    this.started.push(started);
    if (!cancels) return;
    await new Promise((resolve) => {
      setTimeout(resolve, cancelAfterMs);
    });
    const done = await this.insist(() => this.options.runner.cancel(run, "chaos"));
    if (done?.ok === true) started.cancelledAtMs = Date.now();
  }

  /** Asks again under the same keys: they have their runs for ever. */
  async askAgain(count: number): Promise<void> {
    for (const { run, script, input, key } of this.started.slice(-count)) {
      const again = await this.ask(script, input, key);
      if (again !== null && again !== run)
        this.faults.push(`I8 the key ${key} has the run ${run}, and later ${again}`);
    }
  }

  /** News for those who wait for some: the last few, or all. */
  async tellWaiters(count: number): Promise<void> {
    const waiters = this.started.filter(({ script }) => script.flow === "waiter").slice(-count);
    for (const { tag } of waiters) {
      this.said += 1;
      const id = `news ${this.options.seed} ${this.said}`;
      await this.insist(() => this.options.runner.emit({ topic: news, data: { tag }, id }));
    }
  }

  private async ask(
    script: Script,
    input: { readonly [name: string]: Json },
    idempotencyKey: string,
  ): Promise<string | null> {
    const { plan, runner } = this.options;
    const done = await this.insist(() =>
      runner.start({ plan, flow: script.flow, input, idempotencyKey }),
    );
    if (done === null) return null;
    if (done.ok) return done.run;
    throw new Error(`${script.flow} can't be started: ${done.code} ${done.message}`);
  }

  private async insist<T>(work: () => Promise<T>): Promise<T | null> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        return await work();
      } catch {
        await new Promise((resolve) => {
          setTimeout(resolve, pauseMs);
        });
      }
    }
    return null;
  }
}
