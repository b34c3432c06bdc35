import { Queue } from "bullmq";
import type { Redis } from "ioredis";

import type { Notice } from "../ports/transport.ts";
import type { Activation } from "./bullmq-consumer.ts";
import { defaultPool, keyPrefix, queueName, type RedisSettings } from "./redis-settings.ts";

/** Notices sent with one command. */
const bulkSize = 500;
/** Notices in one job at most. */
const maxParcel = 10;
/** As few notices go in a job as leave so many jobs for each process that may take them. */
const jobsEach = 4;
/** Notices kept while the queues are full; the store keeps the rest. */
const maxPending = 1_000;
/** Few events are kept in Redis, because nobody needs them but a dashboard that is open. */
const maxEvents = 100;

export interface ProducerOptions {
  readonly client: Redis;
  readonly settings: RedisSettings;
  /** How many more notices the queue of a pool takes. */
  readonly room: (pool: string) => number;
  /** Processes that serve a pool, and the places of all of them. */
  readonly crew: (pool: string) => { readonly processes: number; readonly places: number };
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
    const parcels = parcelsOf(batch, this.parcelSize(pool, batch.length));
    await this.queue(pool).addBulk(
      parcels.map(({ runs, notice }) => ({
        name: notice.flow ?? "run",
        data: runs.length === 1 ? { run: runs[0] ?? "" } : { runs },
        opts: {
          jobId: jobId(runs, notice),
          // Of BullMQ's priorities the lower number goes first, and 0 before all.
          priority: 11 - Math.min(10, Math.max(1, notice.priority ?? 5)),
          removeOnComplete: true,
          removeOnFail: true,
        },
      })),
    );
  }

  /** A job costs as much as a step of a run. Where places are few, each run finds its own. */
  private parcelSize(pool: string, notices: number): number {
    const { processes, places } = this.options.crew(pool);
    const share = Math.ceil(notices / (jobsEach * Math.max(1, processes)));
    return Math.max(1, Math.min(share, maxParcel, places / Math.max(1, processes) / maxParcel));
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

interface Parcel {
  readonly runs: string[];
  readonly notice: Notice;
}

/** Notices that don't differ, so many in one parcel at most. */
function parcelsOf(batch: readonly [string, Notice][], size: number): readonly Parcel[] {
  const parcels: Parcel[] = [];
  const open = new Map<string, Parcel>();
  for (const [run, notice] of batch) {
    const kind = `${notice.priority} ${notice.turn} ${notice.flow}`;
    let parcel = open.get(kind);
    if (parcel === undefined || parcel.runs.length + 1 > size) {
      parcel = { runs: [], notice };
      open.set(kind, parcel);
      parcels.push(parcel);
    }
    parcel.runs.push(run);
  }
  return parcels;
}

/**
 * A run that has a job of its own is in the queue once. Another turn has another id, because the job of the one before may not be gone yet, or
 * may be stuck with a process that is. How many runs a job holds stands in its id, for who counts them.
 */
function jobId(runs: readonly string[], { turn = 0 }: Notice): string {
  const first = encodeURIComponent(runs[0] ?? "");
  const id = runs.length === 1 ? `run-${first}` : `runs-${runs.length}-${first}`;
  return turn === 0 ? id : `${id}~${turn}`;
}
