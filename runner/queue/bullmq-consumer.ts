import { Worker, type Job } from "bullmq";
import type { Redis } from "ioredis";

import type { Clock } from "../ports/clock.ts";
import type { PoolHealth } from "../ports/transport.ts";
import { patientClient } from "./bullmq-clients.ts";
import { keyPrefix, queueName, type RedisSettings } from "./redis-settings.ts";

/** A lock that is not renewed for so long belongs to a process that is gone. */
const lockMs = 10_000;
const stalledMs = 5_000;
/** Redis is asked for work in waits of this length, so that a lost connection shows. */
const waitS = 2;
/** Nothing arrived for so long although there is work and place: the connection is deaf, whatever it says. */
const deafMs = 5_000;
const closeMs = 2_000;

/** What a job of the queue holds. */
export interface Activation {
  readonly run: string;
}

export interface ConsumerOptions {
  readonly settings: RedisSettings;
  readonly pool: string;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly name: string;
  readonly handle: (run: string, flow: string) => Promise<void>;
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
  private held = 0;
  private lastHeardMs = 0;
  /** A connection was lost; BullMQ would take seconds to notice what became of its wait. */
  private interrupted = false;

  constructor(options: ConsumerOptions) {
    this.options = options;
  }

  get active(): number {
    return this.held;
  }

  open(): void {
    const { settings, name, clock, hearing = usualHearing } = this.options;
    if (this.worker !== undefined) return;
    this.lastHeardMs = clock.monotonic();
    this.interrupted = false;
    this.client = patientClient(settings.url, name);
    this.worker = hearing.createWorker(this.client, this.options, (job) => this.process(job));
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
    if (waiting === 0 || this.held >= this.options.concurrency) this.lastHeardMs = nowMs;
    const deaf = nowMs - this.lastHeardMs >= hearing.deafMs;
    if (!deaf && !this.interrupted) return;
    if (deaf) this.options.onDeaf(this.options.pool);
    this.drop();
    this.open();
  }

  private async process(job: Job<Partial<Activation>>): Promise<void> {
    const { run } = job.data;
    // Its data were deleted from Redis.
    if (run === undefined) return;
    this.held += 1;
    this.lastHeardMs = this.options.clock.monotonic();
    try {
      await this.options.handle(run, job.name);
    } finally {
      this.held -= 1;
    }
  }
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
