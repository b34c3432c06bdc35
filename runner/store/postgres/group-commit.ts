import { troubleOf } from "./postgres-errors.ts";

export interface GroupCommitOptions<Q, A> {
  /** Answers in the order of the requests. */
  readonly flush: (batch: readonly Q[]) => Promise<readonly A[]>;
  /** Requests in one flush. */
  readonly max: number;
  /** Two requests with the same key never share a flush, and go in their order. */
  readonly keyOf?: (request: Q) => string;
  /** Flushes under way at once; one unless told. */
  readonly lanes?: number;
}

interface Waiting<Q, A> {
  readonly request: Q;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Natural group commit: while a flush is under way, whatever is asked for shares the next. A busy process so writes large batches, an
 * idle one waits for nothing.
 */
export class GroupCommit<Q, A> {
  private readonly options: GroupCommitOptions<Q, A>;
  private queue: Waiting<Q, A>[] = [];
  private flushing = 0;
  private scheduled = false;
  /** Keys of what is under way. */
  private readonly busy = new Set<string>();
  private idle: (() => void)[] = [];

  constructor(options: GroupCommitOptions<Q, A>) {
    this.options = options;
  }

  submit(request: Q): Promise<A> {
    return new Promise<A>((resolve, reject) => {
      this.queue.push({ request, resolve, reject });
      this.schedule();
    });
  }

  /** Resolves when everything asked for so far has been answered. */
  settled(): Promise<void> {
    if (this.flushing === 0 && this.queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** Those of the same turn of the event loop come along. */
  private schedule(): void {
    if (this.scheduled || this.queue.length === 0) return;
    if (this.flushing >= (this.options.lanes ?? 1)) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.flush();
    });
  }

  private async flush(): Promise<void> {
    const batch = this.take();
    if (batch.length === 0) return;
    this.flushing += 1;
    // What found no place in it has one in the next lane.
    this.schedule();
    await this.answer(batch);
    this.flushing -= 1;
    const { keyOf } = this.options;
    if (keyOf !== undefined) for (const { request } of batch) this.busy.delete(keyOf(request));
    this.schedule();
    if (this.flushing > 0 || this.queue.length > 0) return;
    const { idle } = this;
    this.idle = [];
    for (const resolve of idle) resolve();
  }

  private take(): readonly Waiting<Q, A>[] {
    const { max, keyOf } = this.options;
    if (keyOf === undefined) return this.queue.splice(0, max);
    const batch: Waiting<Q, A>[] = [];
    const later: Waiting<Q, A>[] = [];
    const seen = new Set<string>();
    for (const waiting of this.queue) {
      const key = keyOf(waiting.request);
      const goes = batch.length < max && !seen.has(key) && !this.busy.has(key);
      // One that has to wait also holds up those of its key behind it.
      seen.add(key);
      (goes ? batch : later).push(waiting);
    }
    for (const { request } of batch) this.busy.add(keyOf(request));
    this.queue = later;
    return batch;
  }

  private async answer(batch: readonly Waiting<Q, A>[]): Promise<void> {
    try {
      const answers = await this.options.flush(batch.map(({ request }) => request));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as A);
    } catch (error) {
      if (batch.length === 1 || troubleOf(error) !== "refused")
        for (const { reject } of batch) reject(error);
      // One that the database refuses must not take its neighbours down.
      else for (const waiting of batch) await this.answer([waiting]);
    }
  }
}
