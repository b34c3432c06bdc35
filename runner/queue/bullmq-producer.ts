import { Queue } from "bullmq";
import type { Redis } from "ioredis";

import type { Notice } from "../ports/transport.ts";
import type { Activation } from "./bullmq-consumer.ts";
import { defaultPool, keyPrefix, queueName, type RedisSettings } from "./redis-settings.ts";

/** Notices sent with one command. */
const bulkSize = 500;
/** Notices kept while the queues are full; the store keeps the rest. */
const maxPending = 1_000;
/** Few events are kept in Redis, because nobody needs them but a dashboard that is open. */
const maxEvents = 100;

export interface ProducerOptions {
  readonly client: Redis;
  readonly settings: RedisSettings;
  /** How many more notices the queue of a pool takes. */
  readonly room: (pool: string) => number;
  readonly onFull: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Puts notices into the queues, those of one turn of the event loop together, the most urgent first when room is short. */
export class ActivationProducer {
  private readonly options: ProducerOptions;
  private readonly queues = new Map<string, Queue<Activation>>();
  private readonly pending = new Map<string, Notice>();
  private flushing: Promise<void> | undefined;
  private again = false;
  /** Notices that were sent, by pool. */
  readonly sent = new Map<string, number>();

  constructor(options: ProducerOptions) {
    this.options = options;
  }

  get queued(): number {
    return this.pending.size;
  }

  add(run: string, notice: Notice): void {
    if (this.pending.size >= maxPending) return;
    this.pending.set(run, notice);
    this.flush();
  }

  flush(): void {
    if (this.pending.size === 0) return;
    this.again = this.flushing !== undefined;
    this.flushing ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.send())
      .catch(this.options.onFailure)
      .then(() => {
        this.flushing = undefined;
        if (this.again) this.flush();
      });
  }

  /** The store still knows them. */
  forget(): void {
    this.pending.clear();
  }

  /** Resolves when all are sent or have found no room. */
  async drain(): Promise<void> {
    while (this.flushing !== undefined) await this.flushing;
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close().catch(() => {})));
  }

  private async send(): Promise<void> {
    const batches = new Map<string, [string, Notice][]>();
    for (const entry of this.pending) {
      const { pool = defaultPool } = entry[1];
      const batch = batches.get(pool) ?? [];
      batches.set(pool, batch);
      batch.push(entry);
    }
    for (const [pool, batch] of batches) {
      const room = Math.max(0, this.options.room(pool));
      if (room < batch.length) {
        batch.sort(([, a], [, b]) => (b.priority ?? 5) - (a.priority ?? 5));
        this.options.onFull();
      }
      for (let from = 0; from < Math.min(room, batch.length); from += bulkSize)
        await this.sendBulk(pool, batch.slice(from, Math.min(room, from + bulkSize)));
    }
  }

  private async sendBulk(pool: string, batch: readonly [string, Notice][]): Promise<void> {
    // What can't be sent is not kept: the store knows it, and somebody will look.
    for (const [run] of batch) this.pending.delete(run);
    this.sent.set(pool, (this.sent.get(pool) ?? 0) + batch.length);
    await this.queue(pool).addBulk(
      batch.map(([run, notice]) => ({
        name: notice.flow ?? "run",
        data: { run },
        opts: {
          jobId: jobId(run, notice),
          // Of BullMQ's priorities the lower number goes first, and 0 before all.
          priority: 11 - Math.min(10, Math.max(1, notice.priority ?? 5)),
          removeOnComplete: true,
          removeOnFail: true,
        },
      })),
    );
  }

  private queue(pool: string): Queue<Activation> {
    const known = this.queues.get(pool);
    if (known !== undefined) return known;
    const { client, settings } = this.options;
    const made = new Queue<Activation>(queueName(pool), {
      connection: client,
      prefix: keyPrefix(settings),
      skipVersionCheck: true,
      skipWaitingForReady: true,
      streams: { events: { maxLen: maxEvents } },
    });
    // A command that fails tells its caller.
    made.on("error", () => {});
    this.queues.set(pool, made);
    return made;
  }
}

/**
 * A run is in the queue once. Another turn has an id of its own, because the job of the one before may not be gone yet, or
 * may be stuck with a process that is.
 */
function jobId(run: string, { turn = 0 }: Notice): string {
  const id = `run-${encodeURIComponent(run)}`;
  return turn === 0 ? id : `${id}~${turn}`;
}
