import { Worker, type Job } from "bullmq";
import type { Redis } from "ioredis";

import type { Clock } from "../ports/clock.ts";
import type { PoolHealth } from "../ports/transport.ts";
import { patientClient } from "./bullmq-clients.ts";
import { Places } from "./places.ts";
import { keyPrefix, queueName, type RedisSettings } from "./redis-settings.ts";

/** A lock that is not renewed for so long belongs to a process that is gone. */
const lockMs = 10_000;
const stalledMs = 5_000;
/** Redis is asked for work in waits of this length, so that a lost connection shows. */
const waitS = 2;
/** Nothing arrived for so long although there is work and place: the connection is deaf, whatever it says. */
const deafMs = 5_000;
const closeMs = 2_000;

/** How long the runs of one job wait for places here, before others may take them. */
const patienceMs = 100;

/** What a job of the queue holds: a run, or several that were given notice of at the same time. */
export type Activation = { readonly run: string } | { readonly runs: readonly string[] };

export interface ConsumerOptions {
  readonly settings: RedisSettings;
  readonly pool: string;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly name: string;
  readonly handle: (run: string, flow: string) => Promise<void>;
  /** There is no place for it here. */
  readonly giveBack: (run: string, flow: string) => void;
  readonly onError: (message: string) => void;
  readonly onDeaf: (pool: string) => void;
  readonly hearing?: Hearing | undefined;
}

/** How a consumer hears, which a test may disturb. */
export interface Hearing {
  readonly createWorker: typeof createWorker;
  /** Milliseconds of silence that make a consumer count as deaf. */
  readonly deafMs: number;
}

const usualHearing: Hearing = { createWorker, deafMs };

/** Takes activations of one pool from Redis, as many at once as there are places. */
export class ActivationConsumer {
  readonly options: ConsumerOptions;
  private worker: Worker<Activation> | undefined;
  private client: Redis | undefined;
  private readonly places: Places;
  /** Jobs that are not done with. */
  private jobs = 0;
  private lastHeardMs = 0;
  /** A connection was lost; BullMQ would take seconds to notice what became of its wait. */
  private interrupted = false;

  constructor(options: ConsumerOptions) {
    this.options = options;
    this.places = new Places(options.concurrency, options.clock);
  }

  get active(): number {
    return this.places.held;
  }

  open(): void {
    const { settings, name, clock, hearing = usualHearing } = this.options;
    if (this.worker !== undefined) return;
    this.lastHeardMs = clock.monotonic();
    this.interrupted = false;
    this.client = patientClient(settings.url, name);
    this.worker = hearing.createWorker(this.client, this.options, (job) => this.process(job));
    this.adapt();
    this.worker.on("error", (error) => this.options.onError(error.message));
    this.worker.on("ioredis:close", () => {
      this.interrupted = true;
    });
  }

  /** Given up at once, with whatever it holds: the runs themselves go on, and the store says when they have ended. */
  drop(): void {
    const { worker, client } = this;
    this.worker = undefined;
    this.client = undefined;
    client?.disconnect();
    worker?.close(true).catch(() => {});
  }

  /** Takes nothing more. */
  async close(): Promise<void> {
    const { worker, client } = this;
    this.worker = undefined;
    this.client = undefined;
    this.places.giveUp();
    if (worker === undefined) return;
    const closed = worker.close().catch(() => {});
    await new Promise<void>((resolve) => {
      const stop = this.options.clock.after(closeMs, resolve);
      void closed.then(() => {
        stop();
        resolve();
      });
    });
    client?.disconnect();
    worker.close(true).catch(() => {});
  }

  /** Redis answers: begins anew after an interruption, and when nothing is heard although there is something to hear. */
  checkHearing({ waiting }: PoolHealth): void {
    if (this.worker === undefined) return;
    const { hearing = usualHearing } = this.options;
    const nowMs = this.options.clock.monotonic();
    if (waiting === 0 || this.places.free === 0) this.lastHeardMs = nowMs;
    const deaf = nowMs - this.lastHeardMs >= hearing.deafMs;
    if (!deaf && !this.interrupted) return;
    if (deaf) this.options.onDeaf(this.options.pool);
    this.drop();
    this.open();
  }

  /**
   * A job lasts as long as its runs have places. The one that took the last place is done with when a place is free again, so that BullMQ
   * looks for more although none of its jobs has ended.
   */
  private async process({ data, name }: Job<Partial<Activation>>): Promise<void> {
    this.lastHeardMs = this.options.clock.monotonic();
    this.jobs += 1;
    this.adapt();
    try {
      const ends = await this.begin(runsOf(data), name);
      const ended = Promise.all(ends);
      this.adapt();
      const look = this.places.free > 0 ? null : this.places.look();
      await Promise.race([ended, ...(look === null ? [] : [look.seen])]);
      look?.stop();
    } finally {
      this.jobs -= 1;
      this.adapt();
    }
  }

  /** Hands the runs out, each as soon as there is a place for it. */
  private async begin(runs: readonly string[], flow: string): Promise<Promise<void>[]> {
    const ends: Promise<void>[] = [];
    const patience = runs.length > 1 ? patienceMs : null;
    for (const [index, run] of runs.entries()) {
      if (!this.places.take()) {
        this.adapt();
        if (!(await this.places.wait(patience))) {
          for (const rest of runs.slice(index)) this.options.giveBack(rest, flow);
          break;
        }
      }
      ends.push(this.hold(run, flow));
    }
    return ends;
  }

  private async hold(run: string, flow: string): Promise<void> {
    try {
      await this.options.handle(run, flow);
    } finally {
      this.places.leave();
      this.adapt();
    }
  }

  /**
   * BullMQ counts jobs, and we count runs. It looks for more jobs before it begins the one that it has, so while there is none it may
   * have one only.
   */
  private adapt(): void {
    const jobs = this.jobs === 0 ? 1 : this.jobs + this.places.free;
    if (this.worker !== undefined) this.worker.concurrency = jobs;
  }
}

/** None when its data were deleted from Redis. */
function runsOf(
  data: Partial<{ readonly run: string; readonly runs: readonly string[] }>,
): readonly string[] {
  return data.runs ?? (data.run === undefined ? [] : [data.run]);
}

export function createWorker(
  connection: Redis,
  { settings, pool, concurrency, name }: ConsumerOptions,
  handle: (job: Job<Activation>) => Promise<void>,
): Worker<Activation> {
  return new Worker<Activation>(queueName(pool), handle, {
    connection,
    prefix: keyPrefix(settings),
    name,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledMs,
    // How often a run may take down its process is the store's to count.
    maxStalledCount: 1_000_000,
    drainDelay: waitS,
    runRetryDelay: 500,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    // Redis is checked once at the start, with words of our own.
    skipVersionCheck: true,
  });
}
