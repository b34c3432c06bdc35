import type { Json } from "../../plan/expression.ts";
import type { Plan } from "../../plan/plan.ts";
import type { OperatedRunner } from "../../runner/index.ts";
import { Random } from "../simulation/random.ts";
import { chaosPlan, hasMistake } from "./program.ts";
import { chooseScript, mended, type Script } from "./scripts.ts";

/** A run whose start was acknowledged. */
export interface StartedRun {
  readonly run: string;
  readonly script: Script;
  readonly input: { readonly [name: string]: Json };
  readonly tag: string;
  readonly key: string;
  /** What it was started with. */
  readonly plan: Plan;
  /** When its cancellation was acknowledged, in milliseconds since 1970. */
  cancelledAtMs: number | null;
}

export interface LoadOptions {
  readonly seed: number;
  readonly runner: OperatedRunner;
  /** Runs started a second. */
  readonly perSecond: number;
}

const news = "chaos.news";
const attempts = 60;
const pauseMs = 250;
const takeOverPatienceMs = 60_000;
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
  private edition = 1;
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
      await pause(gapMs);
    }
    await Promise.all(under);
  }

  /** All plans that runs may have. */
  get plans(): readonly Plan[] {
    return Array.from({ length: this.edition }, (_, index) => chaosPlan(index + 1));
  }

  /** Lets the next edition serve what begins from now on. Runs of the one before go on; what failed by its mistake is taken over. */
  async deployNext(): Promise<void> {
    const { edition } = this;
    const early = await this.begin(mended, {});
    await this.deploy(edition + 1);
    this.edition = edition + 1;
    // Who was not told yet still asks for the former edition.
    const late = await this.begin(mended, { plan: chaosPlan(edition) });
    if (!hasMistake(edition)) return;
    for (const started of [early, late]) await this.takeOver(started, chaosPlan(edition + 1));
  }

  async deploy(edition = 1): Promise<void> {
    const plan = chaosPlan(edition);
    const { operations } = this.options.runner;
    const done = await this.insist(() => operations.deploy({ program: "work", plan }));
    if (done?.ok !== true) throw new Error(`can't deploy: ${done?.message ?? "nobody answers"}`);
  }

  /** Starts a run that does not end by itself, and cancels it. */
  async startAndCancel(script: Script, afterMs: number): Promise<void> {
    const started = await this.begin(script, {});
    if (started !== null) await this.cancel(started, afterMs);
  }

  /** Starts one run, and asks again until it is acknowledged. */
  async startOne(script: Script): Promise<void> {
    const { tag, input } = this.next(script);
    // What is to be put aside has to be found by the store, not by us.
    const cancels = this.random.chance(cancelled) && script.weight > 0;
    const twice = this.random.chance(startedTwice);
    const cancelAfterMs = this.random.below(1_500);
    const started = await this.begin(script, { tag, input, twice });
    if (started !== null && cancels) await this.cancel(started, cancelAfterMs);
  }

  private next(script: Script): Pick<StartedRun, "tag" | "input"> {
    this.count += 1;
    const tag = `t${this.count}`;
    return { tag, input: script.input(tag, this.random) };
  }

  /** Null when nobody has acknowledged its start. */
  private async begin(
    script: Script,
    given: {
      readonly tag?: string;
      readonly input?: StartedRun["input"];
      readonly plan?: Plan;
      readonly twice?: boolean;
    },
  ): Promise<StartedRun | null> {
    const { plan = chaosPlan(this.edition), twice = false } = given;
    const { tag, input } =
      given.tag === undefined || given.input === undefined
        ? this.next(script)
        : { tag: given.tag, input: given.input };
    const key = `chaos ${this.options.seed} ${tag}`;
    const request = { script, input, key, plan };
    const answers = await Promise.all(
      Array.from({ length: twice ? 2 : 1 }, () => this.ask(request)),
    );
    const [run, other] = answers;
    if (run === undefined || run === null) {
      this.refused += 1;
      return null;
    }
    if (other !== undefined && other !== null && other !== run)
      this.faults.push(`I8 the key ${key} gave the runs ${run} and ${other}`);
    const started: StartedRun = { ...request, run, tag, cancelledAtMs: null };
    this.started.push(started);
    return started;
  }

  private async cancel(started: StartedRun, afterMs: number): Promise<void> {
    await pause(afterMs);
    const done = await this.insist(() => this.options.runner.cancel(started.run, "chaos"));
    if (done?.ok === true) started.cancelledAtMs = Date.now();
  }

  /** Waits until a run has failed, and lets it go on with a better plan. What it has done is not done again. */
  private async takeOver(failed: StartedRun | null, plan: Plan): Promise<void> {
    if (failed === null) return;
    const { runner } = this.options;
    const untilMs = Date.now() + takeOverPatienceMs;
    while (Date.now() < untilMs) {
      const head = await this.insist(() => runner.show(failed.run));
      if (head?.status === "failed") break;
      await pause(pauseMs);
    }
    const done = await this.insist(() => runner.retry(failed.run, { upgradeTo: plan }));
    // An answer that was lost is asked for again, when the run goes on already.
    const isTaken = async (): Promise<boolean> =>
      (await this.insist(() => runner.show(failed.run)))?.planHash === plan.hash;
    if (done?.ok !== true && !(await isTaken()))
      this.faults.push(`I18 run ${failed.run} can't go on with the next edition: ${done?.message}`);
  }

  /** Asks again under the same keys: they have their runs for ever. */
  async askAgain(count: number): Promise<void> {
    for (const { run, script, input, key, plan } of this.started.slice(-count)) {
      const again = await this.ask({ script, input, key, plan });
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

  private async ask({
    script,
    input,
    key,
    plan,
  }: Pick<StartedRun, "script" | "input" | "key" | "plan">): Promise<string | null> {
    const { runner } = this.options;
    const done = await this.insist(() =>
      runner.start({ plan, flow: script.flow, input, idempotencyKey: key }),
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
        await pause(pauseMs);
      }
    }
    return null;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
